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
  truth?: GroundTruth;
  /** Number of the bundled scene, where it is one. */
  scene?: number;
}

/** Something that takes a while. */
export interface Activity {
  kind: 'start' | 'engine' | 'model' | 'read' | 'detect' | 'search';
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
