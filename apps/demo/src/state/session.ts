import type { StageTimings } from '@roikit/detectors';
import type { EngineInfo } from '@roikit/engine';
import type { GroundTruth } from '@roikit/geometry';
import type { RgbImage } from '@roikit/image';
import { signal } from '@preact/signals';
import type { EngineChoice } from '../worker/engine';
import type { Bundled, DetectorInfo, Snapshot } from '../worker/protocol';

// What the page knows. Only actions.ts and its neighbours write here.

/** A picture as it is shown. */
export interface Shown {
  name: string;
  image: RgbImage;
  /** The same, ready to be painted. */
  canvas: OffscreenCanvas;
  truth?: GroundTruth;
  /** Number of the bundled scene, where it is one. */
  scene?: number;
}

/** Something that takes a while. */
export interface Activity {
  kind: 'start' | 'engine' | 'model' | 'read' | 'detect';
  /** Done, of 1; undefined where that is not known. */
  share?: number;
  /** The stage that has just ended. */
  stage?: string;
}

export type Tab = 'detect' | 'train';

export const tab = signal<Tab>('detect');
export const offers = signal<readonly EngineChoice[]>([]);
export const engine = signal<EngineInfo | undefined>(undefined);
/** The detectors that the page brings. */
export const bundled = signal<readonly Bundled[]>([]);
/** What each of them that was tried took of the picture that is shown, by stage. */
export const timesByKind = signal<ReadonlyMap<string, StageTimings>>(new Map());
export const detector = signal<DetectorInfo | undefined>(undefined);
export const shown = signal<Shown | undefined>(undefined);
export const snapshot = signal<Snapshot | undefined>(undefined);
export const activity = signal<Activity | undefined>(undefined);
export const problem = signal<string | undefined>(undefined);
export const webcam = signal<MediaStream | undefined>(undefined);
/** Pictures a second of the webcam. */
export const liveRate = signal(0);

export function toShown(name: string, image: RgbImage, more: Pick<Shown, 'truth' | 'scene'> = {}): Shown {
  return { name, image, canvas: toCanvas(image), ...more };
}

/** An image of 3 or 4 bytes a pixel on a canvas of its size. */
export function toCanvas({ data, width, height }: RgbImage): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  const pixels = new ImageData(width, height);
  const channels = data.length / (width * height);
  for (let i = 0, j = 0; i < data.length; i += channels, j += 4) {
    pixels.data[j] = data[i]!;
    pixels.data[j + 1] = data[i + 1]!;
    pixels.data[j + 2] = data[i + 2]!;
    pixels.data[j + 3] = 255;
  }
  canvas.getContext('2d')!.putImageData(pixels, 0, 0);
  return canvas;
}
