import type { Boxes, Detections, ImageSize } from '@roikit/geometry';
import type { RegionPredictions } from '@roikit/heads';
import type { RgbImage } from '@roikit/image';
import type { NamedVariables } from '@roikit/training';
import type { StateDict } from '@roikit/weights';
import type * as tf from '@tensorflow/tfjs-core';
import type { ScoreKind } from './postprocess/leastScores';
import type { ReceptiveField } from './backbone/receptiveField';

// The five steps of a two-stage detector, and the two slots in which its kinds differ (docs/architecture.md).

/** What has weights. */
export interface Part {
  /** All weights under torchvision's names. */
  stateDict(): Promise<StateDict>;
  /** Sets all weights. RangeError that names what is missing, unexpected or of another shape. */
  load(state: StateDict): void;
  /** What training changes. */
  variables(): NamedVariables;
  /** Frees the weights. */
  dispose(): void;
}

/** Makes an image the network's input: resizes, normalises, pads. */
export interface ImageTransform {
  /** @param options `scale`: times the size it would have. @default 1 */
  apply(image: RgbImage, options?: { scale?: number }): TransformedImage;
}

export interface TransformedImage {
  /** `[1, height, width, 3]`, padding included. */
  input: tf.Tensor4D;
  /** What the image itself takes of it, from the top left. */
  size: ImageSize;
}

/** A map of features `[N, h, w, C]`, and where its cells look. */
export interface FeatureMap {
  map: tf.Tensor4D;
  /** In pixels of the network's input. */
  field: ReceptiveField;
  /** Of an image pyramid: size of the image that it was made of, times the input's. @default 1 */
  scale?: number;
}

/** Images → feature maps, finest first. The caller disposes the maps. */
export interface Backbone extends Part {
  /** @param options `inference`: the maps need no gradients, and may be made the faster for it. @default false */
  features(input: tf.Tensor4D, options?: { inference?: boolean }): FeatureMap[];
}

/** Images of one batch on their way through a detector. */
export interface RegionContext {
  images: readonly RgbImage[];
  /** What the transform made of each; a box times `size / image size` is in pixels of the network's input. */
  sizes: readonly ImageSize[];
  /** Shared by all images of the batch; none where features are computed region by region. */
  maps: readonly FeatureMap[];
}

/** Slot 1: where regions come from. Boxes in pixels of the image. */
export interface ProposalStage {
  /** Whether it looks at the maps, as a region proposal network does. @default false */
  needsMaps?: boolean;
  /** Boxes `[R, 4]` of an image's regions. */
  propose(context: ProposalContext): Promise<Boxes>;
}

export interface ProposalContext {
  image: RgbImage;
  /** What the transform made of it. */
  size: ImageSize;
  maps: readonly FeatureMap[];
  /** More than detection takes, for training. @default the stage's own number */
  maxProposals?: number;
}

/** Slot 2: what the head sees of each region. */
export interface RegionFeatures {
  /**
   * Where regions are pooled from whole cells: the cells of each region, as many numbers for each. Those with the same
   * have the same features, which are then computed once. @default every region has its own
   */
  cells?(context: RegionContext, boxes: Boxes): Int32Array;
  /** How many regions' features take a bounded part of the memory. */
  regionsAtOnce: number;
  /** @param boxes of each image, in its pixels. @returns one row a region, image after image */
  apply(context: RegionContext, boxes: readonly Boxes[]): tf.Tensor;
}

/** Region features → class scores `[R, K + 1]`, 0 is the background, and class-specific box offsets `[R, 4(K + 1)]`. */
export interface RegionHead extends Part {
  /** @default 'probability' */
  scores?: ScoreKind;
  /** Scores and offsets of R regions, one row of features each. */
  predict(features: tf.Tensor): RegionPredictionTensors;
}

export interface RegionPredictionTensors {
  scores: tf.Tensor2D;
  boxOffsets: tf.Tensor2D;
}

/** Region predictions → detections: decode, clip, NMS, best k. */
export interface Postprocess {
  /** Detections of one image, best first. */
  apply(predictions: RegionPredictions, limits: DetectionLimits): Detections;
}

export interface DetectionLimits {
  /** Lowest score of a detection. @default the detector's own `postprocess.scoreThreshold` */
  scoreThreshold?: number;
  /** Most detections of an image. @default the detector's own `postprocess.maxDetections` */
  maxDetections?: number;
  /** Most overlap (IoU) of two detections of a class, by plain NMS. @default what the detector's own `postprocess` does */
  nmsThreshold?: number;
}

export interface DetectorParts {
  /** Absent, as the backbone is, where each region is cropped from the image itself and goes through the whole network. */
  transform?: ImageTransform;
  backbone?: Backbone;
  proposals: ProposalStage;
  regionFeatures: RegionFeatures;
  head: RegionHead;
  postprocess: Postprocess;
}
