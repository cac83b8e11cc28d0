import type { BackboneName } from './backbone/backbones';

// The stages' settings: what detector.json holds, and with defaults left out what createDetector takes and a recipe may
// say. configSchemas.ts checks them. A field that is optional here was added after 0.1: where a folder lacks it, the old
// behaviour stays.

/** What is taken from the pixels and what they are divided by, per channel, on values in [0, 1]. */
export interface NormalizationConfig {
  mean: [number, number, number];
  std: [number, number, number];
}

/** How an image becomes the network's input. */
export interface TransformConfig extends NormalizationConfig {
  /** Shorter side after resizing, pixels. */
  minSize: number;
  /** The longer side may not exceed this, whatever minSize asks for. */
  maxSize: number;
}

/** The network whose maps regions are pooled from. */
export interface BackboneConfig {
  name: string;
  /** Layers whose maps the regions are pooled from, finest first; several are merged by the neck. */
  layers: string[];
  /** Layers up to and including this one are not trained (the paper fixes VGG16's conv1 and conv2, §4.5). */
  frozenThrough: string | null;
  /** Batch norm's ε where it is not the network's own: torchvision's COCO weights were made with 0. */
  normEps?: number;
}

/** A name from the table, or a name and what differs from its entry. */
export type BackboneOptions = BackboneName | (Partial<BackboneConfig> & { name: string });

/** 1×1 convolutions that bring every map to `channels`; coarser maps are upsampled and added to the finest. */
export interface NeckConfig {
  channels: number;
}

/** A feature pyramid: width of its maps. */
export interface FpnConfig extends NeckConfig {
  /** After each of its convolutions, which then have no bias. @default false */
  batchNorm?: boolean;
}

/**
 * Where the cells of a map are taken to look: in the middle of what their layers see, or, as in torchvision, at
 * (column, row) times the stride.
 */
export type CellPosition = 'center' | 'corner';

/** Selective search. */
export interface ProposalsConfig {
  mode: 'single' | 'fast' | 'quality';
  maxProposals?: number;
  minSize?: number;
  nmsThreshold?: number;
  resizeWidth?: number;
  /** Pictures whose longer side is above this are searched shrunk to it; boxes are in the picture's own pixels. */
  maxSize?: number;
}

/** Square anchors of each map, and their shapes. */
export interface AnchorsConfig {
  /** Sides, in pixels of the network's input; as many for one map as for another. */
  sizes: number[][];
  /** Height / width. */
  aspectRatios: number[];
}

/** Anchors, and which of their boxes become proposals. */
export interface RpnConfig {
  anchors: AnchorsConfig;
  /** 3×3 convolutions before the predictions. @default 1 */
  convDepth?: number;
  /** Least probability of a proposal. @default 0 */
  scoreThreshold?: number;
  /** Best anchors of each map that are looked at. */
  preNms: number;
  /** Proposals of an image. */
  postNms: number;
  nmsThreshold: number;
}

/** What a caller writes of them: whatever differs from the defaults. */
export type RpnOptions = Partial<Omit<RpnConfig, 'anchors'>> & { anchors?: Partial<AnchorsConfig> };

/** How a region is cropped from the image, and what is made of the network's last map of it. */
export interface CropConfig {
  /** Side of the network's input, pixels. */
  size: number;
  /** Stretched over the input, or the tightest square around it. */
  mode: 'warp' | 'square';
  /** Pixels of its surroundings on each side, counted in the input. */
  context: number;
  outputSize: [number, number];
}

/** Cells that RoI pooling makes of a region. */
export interface RegionsConfig {
  outputSize: [number, number];
}

/** Bins of a spatial pyramid: n × n for each level. */
export interface PyramidConfig {
  levels: number[];
}

/** Fully connected layers, and what comes before them. */
export interface HeadConfig {
  hidden: number[];
  dropout: number;
  /** Channels of 3×3 convolutions with batch norm before the hidden layers. @default none */
  convs?: number[];
  /** Layers that `compress` has made two of, by name. */
  ranks?: Record<string, number>;
}

/** Fully connected layers under SVMs, and which features the box regressors see. */
export interface LinearHeadConfig extends Omit<HeadConfig, 'convs'> {
  boxFeatures: 'pooled' | 'hidden';
}

/** What offsets are multiplied by: 1 / their standard deviations. */
export interface BoxCoderConfig {
  weights: [number, number, number, number];
}

/** From scored boxes to detections. */
export interface NmsConfig {
  scoreThreshold: number;
  nmsThreshold: number;
  maxDetections: number;
}

/** The same of probabilities. */
export interface PostprocessConfig extends NmsConfig {
  /** Overlapping boxes lower each other's score instead of being dropped (Bodla et al. 2017); null for plain NMS. */
  softNms?: { method: 'linear' | 'gaussian'; sigma?: number } | null;
  /** Boxes that are kept become the mean of those they overlap so far (Gidaris & Komodakis 2015); null for none. */
  boxVoting?: { iouThreshold?: number } | null;
}

/** The same of margins: at most so many candidates of a class reach its NMS, R-CNN's test. */
export interface CappedPostprocessConfig extends NmsConfig {
  maxPerClass: number;
}

/** What every kind of detector has in its configuration. */
export interface BaseConfig {
  type: string;
  /** Names of the classes 1…K. */
  classes: readonly string[];
  transform: NormalizationConfig;
  backbone: BackboneConfig;
  /** Absent where the network itself proposes. */
  proposals?: 'precomputed' | ProposalsConfig;
  postprocess: PostprocessConfig;
}
