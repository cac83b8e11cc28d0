import { signal } from '@preact/signals';
import { proxy, wrap, type Remote } from 'comlink';
import { t } from '../i18n';
import { api, guarded, loadDetector } from '../state/actions';
import * as session from '../state/session';
import { tab } from '../state/session';
import type { EngineChoice } from '../worker/engine';
import type { SampleData, TrainNews, TrainSetup } from '../worker/protocol';
import type { TrainApi } from '../worker/trainWorker';
import { album, classes } from './album';

// A training run, in a worker of its own that is thrown away afterwards.

export const data = signal<'digits' | 'own'>('digits');
export const kind = signal('');
export const kinds = signal<readonly string[]>([]);
export const fromLoaded = signal(true);
export const scenes = signal(40);
export const epochs = signal(6);
export const side = signal(224);

export const running = signal(false);
export const losses = signal<readonly number[]>([]);
/** AP50 after each epoch, where it was measured; x is the number of steps done then. */
export const scores = signal<readonly { step: number; score: number }[]>([]);
export const latest = signal<Exclude<TrainNews, { type: 'epoch' }> | undefined>(undefined);
/** What was learned: a detector's folder as a zip. */
export const trained = signal<Blob | undefined>(undefined);

let worker: Worker | undefined;
let remote: Remote<TrainApi> | undefined;

/** Starts a worker on the engine that the page uses. */
async function hire(): Promise<Remote<TrainApi>> {
  worker = new Worker(new URL('../worker/trainWorker.ts', import.meta.url), { type: 'module' });
  const failed = new Promise<never>((_, reject) => {
    worker!.addEventListener('error', (event) =>
      reject(new Error(event.message || 'The training worker did not start.')),
    );
  });
  remote = wrap<TrainApi>(worker);
  const engine = (session.engine.value?.name ?? 'wasm') as EngineChoice;
  await Promise.race([remote.start(document.baseURI, engine), failed]);
  return remote;
}

/** What can be trained here. */
export const meetKinds = () =>
  guarded(async () => {
    const { names, first } = await api.kinds();
    kinds.value = names;
    kind.value ||= first;
  });

function dismiss(): void {
  worker?.terminate();
  worker = undefined;
  remote = undefined;
}

export const startTraining = () =>
  guarded(async () => {
    session.problem.value = undefined;
    const setup = await setupNow();
    running.value = true;
    losses.value = [];
    scores.value = [];
    latest.value = undefined;
    trained.value = undefined;
    try {
      const hired = await hire();
      if (!setup.scenes) for (const sample of markedSamples()) await hired.give(sample);
      trained.value = await hired.train(setup, proxy(hear));
    } finally {
      running.value = false;
      dismiss();
    }
  });

export const stopTraining = () => void remote?.stop();

function hear(news: TrainNews): void {
  if (news.type !== 'epoch') latest.value = news;
  if (news.type === 'step') losses.value = [...losses.value, news.loss];
  if (news.type === 'epoch' && news.score !== undefined)
    scores.value = [...scores.value, { step: losses.value.length, score: news.score }];
}

/** The pictures that have boxes, as what is to be learned. */
const markedSamples = (): SampleData[] =>
  album.value
    .filter(({ marks }) => marks.length > 0)
    .map(({ shown, marks }) => ({
      image: shown.image,
      truth: {
        boxes: Float32Array.from(marks.flatMap(({ box }) => box)),
        labels: Int32Array.from(marks, ({ label }) => label),
      },
    }));

async function setupNow(): Promise<TrainSetup> {
  const own = data.value === 'own';
  if (own && markedSamples().length === 0) throw new Error(t('train.unmarked'));
  return {
    type: kind.value,
    epochs: epochs.value,
    side: side.value,
    seed: 1,
    scenes: own ? 0 : scenes.value,
    classes: classes.value,
    start: fromLoaded.value ? await api.currentFiles() : undefined,
  };
}

/** Takes the new detector to the other tab. */
export async function tryIt(): Promise<void> {
  if (!trained.value) return;
  tab.value = 'detect';
  await loadDetector({ files: [new File([trained.value], 'detector.zip')] }, t('train.made'));
}

/** Saves the detector's folder. */
export function download(): void {
  if (!trained.value) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(trained.value);
  link.download = 'detector.zip';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
