import type { Boxes, CocoResult, Detections, GroundTruth, VocResult } from '@roikit/geometry';
import type { RegionPredictions } from '@roikit/heads';
import type { RgbImage } from '@roikit/image';
import type { TrainEvent as RunEvent } from '@roikit/training';
import type { BaseConfig } from './config';
import type { ScoreKind } from './postprocess/leastScores';
import type { DetectionLimits, FeatureMap, TransformedImage } from './parts';
import type { StageTimings } from './stageClock';

export interface DetectOptions extends DetectionLimits {
  /** `[R, 4]` boxes in image pixels to use instead of the detector's own proposals. */
  proposals?: Boxes;
  /**
   * Whether a GPU is waited for at the end of each stage, so that each has its own time; that is three waits or more.
   * Without, the time stands with the stage that first reads a result; the sum is true either way. @default true
   */
  exactTimings?: boolean;
}

/** Detections of one image, and where the time went. */
export interface TimedDetections extends Detections {
  timings: StageTimings;
}

/** What a detector has computed so far. Tensors are the detector's: valid until the next event. */
export type StageEvent =
  | { type: 'transform'; input: TransformedImage }
  | { type: 'maps'; maps: readonly FeatureMap[] }
  | { type: 'proposals'; boxes: Boxes }
  /** Before decoding and NMS. */
  | { type: 'predictions'; predictions: RegionPredictions }
  | { type: 'detections'; detections: TimedDetections };

/** What finds objects in images: a `GeneralizedRCNN`, or the pool of them that `detectorPool` of `/node` makes. */
export interface Detector {
  readonly config: BaseConfig;
  /**
   * Images it works on at a time.
   * @default 1
   */
  readonly workers?: number;
  /**
   * What its scores are.
   * @default 'probability'
   */
  readonly scores?: ScoreKind;
  /** Objects in an image, best first; boxes in its pixels. */
  detect(image: RgbImage, options?: DetectOptions): Promise<TimedDetections>;
  /** The same, and the `[R, 4]` boxes in image pixels that were looked at. */
  detectWithProposals?(
    image: RgbImage,
    options?: DetectOptions,
  ): Promise<TimedDetections & { proposals: Boxes }>;
  /** Frees its weights, or ends its threads. */
  dispose(): void | Promise<void>;
}

/** Proposals from elsewhere: a cache, a pool of threads, a file. */
export type ProposalSource = (image: RgbImage) => Promise<Boxes> | Boxes;

export type TrainEvent = RunEvent<Report>;

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
