import { digits, type Dataset } from '@roikit/datasets';
import {
  DEFAULT_KIND,
  DETECTORS,
  unpackDetector,
  type DetectorFiles,
  type GeneralizedRCNN,
  type StageEvent,
} from '@roikit/detectors';
import type { EngineInfo } from '@roikit/engine';
import { mulberry32 } from '@roikit/geometry';
import { toRgb, type RgbImage } from '@roikit/image';
import { expose, transfer } from 'comlink';
import { assetUrl, setBase } from './assets';
import { decodePicture } from './decodePicture';
import { offeredEngines, startEngine, type EngineChoice } from './engine';
import type {
  Bundled,
  DetectorBlobs,
  DetectorInfo,
  DetectorSource,
  SampleData,
  SegmentationAnswer,
  Snapshot,
  TransferProgress,
} from './protocol';
import { readFrame } from './readFrame';
import { readSource } from './readSource';
import { group, segment } from './search';
import { buffersOf, quickSnapshot, takeSnapshot } from './snapshot';
import { suppress } from './suppress';

/** Scenes that the bundled detector has never seen: handwriting of the test split. */
const SCENES = { count: 1000, size: 224, split: 'test' as const };

let files: DetectorFiles | undefined;
let detector: GeneralizedRCNN | undefined;
let running = new AbortController();
let scenes: Dataset | undefined;

function loaded(): GeneralizedRCNN {
  if (detector === undefined) throw new Error('No detector is loaded yet.');
  return detector;
}

/** The detector anew from its files: weights of one engine are not read by another. */
async function build(): Promise<void> {
  detector?.dispose();
  detector = undefined;
  if (files !== undefined) detector = await unpackDetector(files);
}

const api = {
  /** Where the page lies, and what can compute here. */
  async start(base: string): Promise<EngineChoice[]> {
    setBase(base);
    return offeredEngines();
  },

  async useEngine(name: EngineChoice | 'auto'): Promise<EngineInfo> {
    detector?.dispose();
    detector = undefined;
    const info = await startEngine(name);
    await build();
    return info;
  },

  /** Replaces the detector; the old one stays where the new one can't be read. */
  async loadDetector(
    source: DetectorSource,
    name: string,
    onProgress: (progress: TransferProgress) => void,
  ): Promise<DetectorInfo> {
    running = new AbortController();
    const read = await readSource(source, { onProgress, signal: running.signal });
    const made = await unpackDetector(read);
    detector?.dispose();
    detector = made;
    files = read;
    return { name, classes: made.config.classes, config: made.config as DetectorInfo['config'] };
  },

  /** Kinds of detectors that can be trained, by the `type` of their configuration. */
  kinds: () => ({ names: Object.keys(DETECTORS), first: DEFAULT_KIND }),

  /** The detectors that the page brings, in the order of their papers. */
  async bundled(): Promise<Bundled[]> {
    const list = (await (await fetch(assetUrl('models/index.json'))).json()) as {
      folder: string;
      type: string;
    }[];
    return Object.entries(DETECTORS).flatMap(([type, { about }]) =>
      list.filter((one) => one.type === type).map(({ folder }) => ({ folder, title: about.name })),
    );
  },

  /** The detector in use, to start a training from. As blobs: those are handed on without being copied. */
  currentFiles: (): DetectorBlobs | undefined =>
    files && {
      'detector.json': new Blob([files['detector.json'] as BlobPart]),
      'weights.safetensors': new Blob([files['weights.safetensors'] as BlobPart]),
    },

  async scene(index: number): Promise<SampleData> {
    scenes ??= digits({ ...SCENES, random: mulberry32(9) });
    const { image, truth } = await scenes.get(index);
    return transfer({ image, truth }, [image.data.buffer]);
  },

  async decode(file: Blob, name: string): Promise<RgbImage> {
    const image = await decodePicture(file, name);
    return transfer(image, [image.data.buffer]);
  },

  async detect(image: RgbImage, onStage: (stage: StageEvent['type']) => void): Promise<Snapshot> {
    running = new AbortController();
    const snapshot = await takeSnapshot(loaded(), toRgb(image), { signal: running.signal, onStage });
    return transfer(snapshot, buffersOf(snapshot));
  },

  /** Only the result: for moving pictures. */
  async detectInFrame(frame: VideoFrame | ImageBitmap): Promise<{ image: RgbImage; snapshot: Snapshot }> {
    const image = readFrame(frame);
    const snapshot = quickSnapshot(image, await loaded().detect(toRgb(image)));
    return transfer({ image, snapshot }, [image.data.buffer]);
  },

  /** Ends the transfer or detection that runs, at its next pause. */
  cancel(): void {
    running.abort(new DOMException('Cancelled.', 'AbortError'));
  },

  segment(...asked: Parameters<typeof segment>): SegmentationAnswer {
    const answer = segment(...asked);
    return transfer(answer, [answer.pixels.data.buffer]);
  },

  group,
  suppress,
};

export type DetectApi = typeof api;
expose(api);
