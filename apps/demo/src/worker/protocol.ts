import type { BaseConfig, DetectorFiles, StageTimings } from '@roikit/detectors';
import type { Boxes, Detections, GroundTruth, ImageSize } from '@roikit/geometry';
import type { RgbImage } from '@roikit/image';

// What page and workers tell each other.

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
  /** Cell i looks at input pixel `stride · i + center`. */
  stride: number;
  center: number;
}

/** All that `stages()` of a detector told of one picture. */
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
  detections: Detections;
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
  /** Digit scenes to learn from; 0 for pictures of one's own. */
  scenes: number;
  samples: readonly SampleData[];
  classes: readonly string[];
  /** The detector whose backbone it starts with. */
  start?: DetectorFiles;
}

/** What a page shows of a run. */
export type TrainNews =
  | { type: 'progress'; done: number; total: number }
  | { type: 'step'; loss: number; done: number; total: number; phase: string; milliseconds: number }
  | { type: 'epoch'; epoch: number; loss: number; score?: number };
