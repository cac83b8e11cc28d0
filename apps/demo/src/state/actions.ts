import { proxy, wrap } from 'comlink';
import type { DetectApi } from '../worker/detectWorker';
import type { EngineChoice } from '../worker/engine';
import type { DetectorSource, Snapshot, TransferProgress } from '../worker/protocol';
import * as session from './session';
import type { Activity, Shown } from './session';
import { channel, chooseRegion, mapIndex, nmsThreshold, scoreThreshold } from './walk';

const worker = new Worker(new URL('../worker/detectWorker.ts', import.meta.url), { type: 'module' });

/** What the worker can do. */
export const api = wrap<DetectApi>(worker);

/** Works that are under way: the last to end clears the notice. */
let underWay = 0;

/** Shows what goes wrong, and lets the page live on. */
export async function guarded(work: () => Promise<void>): Promise<void> {
  underWay++;
  try {
    await work();
  } catch (error) {
    const { name, message } = error as Error;
    if (name !== 'AbortError') session.problem.value = message;
  } finally {
    if (--underWay === 0) session.activity.value = undefined;
  }
}

/** Says what is being done, and forgets what went wrong before. */
export function busy(kind: Activity['kind']): void {
  session.activity.value = { kind };
  session.problem.value = undefined;
}

/** Of the detectors that the page brings, the one that it opens with. */
const FIRST = 'digits';
const source = (folder: string): DetectorSource => ({ url: `models/${folder}` });

/** One of the detectors that the page brings. */
export const useBundled = (folder: string) => loadDetector(source(folder), folder);

/** Engine, bundled detector, first scene: what a visitor sees without a click. */
export function begin(): Promise<void> {
  worker.addEventListener('error', (event) => {
    session.problem.value = event.message || 'The worker did not start.';
  });
  return guarded(async () => {
    busy('start');
    session.offers.value = await api.start(document.baseURI);
    await showScene(0, { detect: false });
    busy('engine');
    session.engine.value = await api.useEngine(wantedEngine());
    session.bundled.value = await api.bundled();
    await load(source(FIRST), FIRST);
    await detect();
  });
}

/** `?engine=wasm` in the address is for links and tests. */
function wantedEngine(): EngineChoice | 'auto' {
  const wanted = new URLSearchParams(location.search).get('engine');
  return session.offers.value.find((name) => name === wanted) ?? 'auto';
}

export const chooseEngine = (name: EngineChoice) =>
  guarded(async () => {
    busy('engine');
    const before = session.engine.value?.name;
    try {
      session.engine.value = await api.useEngine(name);
    } catch (error) {
      // The old one is brought back, so that the page goes on.
      await api.useEngine((before as EngineChoice | undefined) ?? 'wasm');
      throw error;
    }
    await detect();
  });

async function load(source: DetectorSource, name: string): Promise<void> {
  busy('model');
  let over = false;
  const onProgress = proxy(({ loaded, total }: TransferProgress) => {
    if (!over) session.activity.value = { kind: 'model', share: total && loaded / total };
  });
  session.detector.value = await api.loadDetector(source, name, onProgress).finally(() => (over = true));
  session.snapshot.value = undefined;
  const { scoreThreshold: lowest, nmsThreshold: most } = session.detector.value.config.postprocess;
  // Margins of SVMs begin below 0. Of probabilities .8 is what Fast R-CNN's own demo shows (tools/demo.py).
  scoreThreshold.value = lowest < 0 ? 0 : 0.8;
  nmsThreshold.value = most;
}

/** Loads a detector and shows what it finds in the current picture. */
export const loadDetector = (source: DetectorSource, name: string) =>
  guarded(async () => {
    await load(source, name);
    await detect();
  });

let ticket = 0;

/** Detects in the current picture; a later call ends an earlier one. */
async function detect(): Promise<void> {
  const picture = session.shown.value;
  if (picture === undefined || session.detector.value === undefined) return;
  const own = ++ticket;
  busy('detect');
  await api.cancel();
  if (own !== ticket) return;
  // News travels by a port of its own and may come after the result.
  let over = false;
  const onStage = proxy((stage: string) => {
    if (own === ticket && !over) session.activity.value = { kind: 'detect', stage };
  });
  const snapshot = await api.detect(picture.image, onStage).finally(() => (over = true));
  if (own !== ticket) return;
  chooseRegion(undefined);
  mapIndex.value = 0;
  channel.value = strongestChannel(snapshot);
  session.snapshot.value = snapshot;
  noteTimes(snapshot);
}

/** Where the detector is one of the page's own: what it took, for all kinds to be seen side by side. */
function noteTimes({ timings }: Snapshot): void {
  const own = session.bundled.value.find(({ folder }) => folder === session.detector.value?.name);
  if (own) session.timesByKind.value = new Map([...session.timesByKind.value, [own.title, timings]]);
}

/** Another picture is there: what was said of the one before goes. */
function setShown(picture: Shown): void {
  session.snapshot.value = undefined;
  session.timesByKind.value = new Map();
  session.shown.value = picture;
}

/** The channel with the largest value: something to see from the start. */
function strongestChannel({ maps: [map] }: Snapshot): number {
  if (map === undefined) return 0;
  return map.peaks.indexOf(map.peaks.reduce((a, b) => Math.max(a, b)));
}

export const cancel = () => void api.cancel();

export const showPicture = (picture: Shown) =>
  guarded(async () => {
    setShown(picture);
    await detect();
  });

async function showScene(index: number, { detect: wanted = true } = {}): Promise<void> {
  const { image, truth } = await api.scene(index);
  setShown({ name: `#${index + 1}`, image, truth, scene: index });
  if (wanted) await detect();
}

export const openScene = (index: number) =>
  guarded(async () => {
    busy('read');
    await showScene(index);
  });
