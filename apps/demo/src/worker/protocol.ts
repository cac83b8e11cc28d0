import type { BaseConfig, DetectorFiles, StageTimings } from '@roikit/detectors';
import type { Boxes, Detections, GroundTruth, ImageSize } from '@roikit/geometry';
import type { RgbImage } from '@roikit/image';
import type { Hierarchy } from '@roikit/proposals';

// What page and workers tell each other.

/** A detector's files, not yet read. */
export type DetectorBlobs = Record<keyof DetectorFiles, Blob>;

/** A picture, and where it is known what is on it. */
export interface SampleData {
  image: RgbImage;
  truth?: GroundTruth;
}

export interface DetectorInfo {
  name: string;
  classes: readonly string[];
  /** What the loaded detector.json says: which kind it is and what its stages do. */
  config: BaseConfig & Record<string, unknown>;
}

/** One of the backbone's maps. */
export interface MapData {
  width: number;
  height: number;
  channels: number;
  /** `[height, width, channels]` */
  values: Float32Array;
  /** Largest value of each channel. */
  peaks: Float32Array;
  /** Cell i looks at input pixel `stride · i + center`. */
  stride: number;
  center: number;
}

/** Refined boxes that compete in non-maximum suppression, best first. */
export interface Candidates {
  boxes: Boxes;
  scores: Float32Array;
  labels: Int32Array;
  /** The proposal that each comes from. */
  regions: Int32Array;
}

/** What suppression did to the candidates. */
export interface Suppression {
  /** Numbers of those kept, best first. */
  kept: Int32Array;
  /** For each candidate the one that suppressed it, −1 where it was kept. */
  by: Int32Array;
}

/** A segmentation, painted. */
export interface SegmentationAnswer {
  count: number;
  milliseconds: number;
  pixels: RgbImage;
}

/** The merges of a hierarchical grouping, and the size of the picture that they are in. */
export interface GroupingAnswer extends Hierarchy {
  milliseconds: number;
  size: ImageSize;
}

/** All that `stages()` of a detector told of one picture, and what follows from it. */
export interface Snapshot {
  timings: StageTimings;
  /** What the network saw of the picture. */
  inputSize: ImageSize;
  maps: MapData[];
  /** `[R, 4]` */
  proposals: Boxes;
  /** `[R, K + 1]` */
  scores: Float32Array;
  /** `[R, 4(K + 1)]` */
  boxOffsets: Float32Array;
  /** Every proposal refined for every class, `[R, K + 1, 4]`, within the picture. */
  refined: Boxes;
  candidates: Candidates;
  /** Each with the proposal that it comes from, −1 where that is not known. */
  detections: Detections & { regions: Int32Array };
}

/** Where a detector's files come from. */
export type DetectorSource = { url: string } | { files: readonly File[] };

export interface TransferProgress {
  loaded: number;
  total?: number;
}

/** A detector that comes with the page. */
export interface Bundled {
  folder: string;
  /** Of its kind, for the reader: Fast R-CNN. */
  title: string;
}

/** What to learn, and from what. */
export interface TrainSetup {
  type: string;
  epochs: number;
  /** Shorter side of the network's input, pixels. */
  side: number;
  seed: number;
  /** Digit scenes to learn from; 0 for the pictures that were given. */
  scenes: number;
  classes: readonly string[];
  /** The detector whose backbone it starts with. */
  start?: DetectorBlobs;
}

/** What a page shows of a run. */
export type TrainNews =
  | { type: 'progress'; done: number; total: number }
  | { type: 'step'; loss: number; done: number; total: number; phase: string; milliseconds: number }
  | { type: 'epoch'; epoch: number; loss: number; score?: number };
