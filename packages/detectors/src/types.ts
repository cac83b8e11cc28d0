import type { Boxes, CocoResult, Detections, GroundTruth, RgbImage, VocResult } from '@roikit/geometry';
import type { DetectorConfig } from './config';

/** Milliseconds one image spent in each of a detector's stages. */
export interface StageTimings {
  proposals: number;
  transform: number;
  backbone: number;
  /** RoI pooling, fully connected layers, softmax. */
  head: number;
  /** Decoding, clipping, NMS. */
  postprocess: number;
}

export interface DetectOptions {
  /** Overrides the detector's own `postprocess.scoreThreshold`. */
  scoreThreshold?: number;
  /** Overrides the detector's own `postprocess.maxDetections`. */
  maxDetections?: number;
  /** `[R, 4]` boxes in image pixels to use instead of the detector's own proposals. */
  proposals?: Boxes;
}

/** Detections of one image, and where the time went. */
export interface TimedDetections extends Detections {
  timings: StageTimings;
}

/** What finds objects in images: a `FastRCNN`, or the pool of them that `detectorPool` of `/node` makes. */
export interface Detector {
  readonly config: DetectorConfig;
  /**
   * Images it works on at a time.
   * @default 1
   */
  readonly workers?: number;
  /** Objects in an image, best first; boxes in its pixels. */
  detect(image: RgbImage, options?: DetectOptions): Promise<TimedDetections>;
  dispose(): void | Promise<void>;
}

/** Where regions come from: slot 1 of a two-stage detector. */
export type ProposalSource = (image: RgbImage) => Promise<Boxes> | Boxes;

/** Means over the steps of an epoch, or the values of one step. */
export interface Losses {
  total: number;
  classification: number;
  boxRegression: number;
}

export type TrainEvent =
  | { type: 'start'; epoch: number; epochs: number; stepsPerEpoch: number; resumed: boolean }
  /** One image's proposals are ready (computed or from the cache), before the first epoch. */
  | { type: 'proposals'; done: number; total: number }
  | {
      type: 'step';
      epoch: number;
      step: number;
      stepsPerEpoch: number;
      losses: Losses;
      learningRate: number;
      milliseconds: number;
    }
  | { type: 'validation'; epoch: number; done: number; total: number }
  /** End of an epoch (1-based); `validation` where a validation set was given. */
  | { type: 'epoch'; epoch: number; epochs: number; losses: Losses; validation?: Report; best: boolean }
  | { type: 'checkpoint'; epoch: number; step: number }
  /** A bad sample was left out; counted once. */
  | { type: 'skipped'; id: string; reason: string }
  /** `signal` was aborted: state is saved where a checkpoint was given. */
  | { type: 'stopped'; epoch: number; step: number }
  | { type: 'done'; epochs: number; skipped: number };

export type EvaluateEvent =
  | {
      type: 'image';
      done: number;
      total: number;
      id: string;
      detections: TimedDetections;
      truth: GroundTruth;
    }
  | { type: 'skipped'; id: string; reason: string };

/** What `evaluate` returns; plain data, so that it can be written as JSON but for the typed arrays of `voc` and `coco`. */
export interface Report {
  images: number;
  skipped: number;
  /** One row a class: average precision at IoU 0.5 (PASCAL VOC, area) and the number of annotated objects. */
  classes: { name: string; ap50: number; truths: number; detections: number }[];
  /** Mean of `classes[].ap50` over classes with truths. */
  ap50: number;
  voc: VocResult;
  coco: CocoResult;
  /** Mean per image. */
  timings: StageTimings;
}
