import type { FastRCNNHeadOptions } from '@roikit/heads';
import type { SelectiveSearchOptions } from '@roikit/proposals';
import { backboneNamed, type BackboneName } from './backbones';

/** How an image becomes the backbone's input. */
export interface TransformConfig {
  /** Shorter side after resizing, pixels. */
  minSize: number;
  /** The longer side may not exceed this, whatever minSize asks for. */
  maxSize: number;
  /** Per channel, on values in [0, 1]. */
  mean: [number, number, number];
  std: [number, number, number];
}

export interface BackboneConfig {
  name: BackboneName;
  /** Layers whose maps the regions are pooled from, finest first; several are merged by the neck. */
  layers: string[];
  /** Layers up to and including this one are not trained (the paper fixes VGG16's conv1 and conv2, §4.5). */
  frozenThrough: string | null;
}

/** 1×1 convolutions that bring every map to `channels`; coarser maps are upsampled and added to the finest. */
export interface NeckConfig {
  channels: number;
}

export interface PostprocessConfig {
  scoreThreshold: number;
  nmsThreshold: number;
  maxDetections: number;
}

/** Everything that makes a Fast R-CNN; written to detector.json as it stands. */
export interface DetectorConfig {
  type: 'fast-rcnn';
  /** Names of the classes 1…K. */
  classes: string[];
  transform: TransformConfig;
  backbone: BackboneConfig;
  neck: NeckConfig | null;
  proposals: 'precomputed' | ProposalsConfig;
  regions: { outputSize: [number, number] };
  head: { hidden: number[]; dropout: number };
  boxCoder: { weights: [number, number, number, number] };
  postprocess: PostprocessConfig;
}

export type ProposalsConfig = Required<Pick<SelectiveSearchOptions, 'mode'>> &
  Omit<SelectiveSearchOptions, 'random' | 'mode'>;

/** What a caller of `createDetector` writes: the two that have no default, and whatever differs from the defaults. */
export interface DetectorOptions {
  type: DetectorConfig['type'];
  classes: readonly string[];
  backbone: BackboneName | (Partial<BackboneConfig> & { name: BackboneName });
  transform?: Partial<TransformConfig>;
  neck?: NeckConfig | null;
  proposals?: 'precomputed' | Partial<ProposalsConfig>;
  regions?: Partial<DetectorConfig['regions']>;
  head?: Partial<Pick<FastRCNNHeadOptions, 'dropout'>> & { hidden?: number[] };
  boxCoder?: Partial<DetectorConfig['boxCoder']>;
  postprocess?: Partial<PostprocessConfig>;
}

/** Fills in the defaults, each with its reason. */
export function resolveConfig(
  options: DetectorOptions,
  /** Whether the backbone starts from ImageNet weights; random ones must all be trained. */
  { pretrained = true } = {},
): DetectorConfig {
  if (options.type !== 'fast-rcnn') {
    throw new TypeError(`createDetector: type must be 'fast-rcnn', got ${JSON.stringify(options.type)}`);
  }
  if (options.classes.length === 0) {
    throw new RangeError(
      'createDetector: classes must name at least one class (the background is not one), got none',
    );
  }
  const backbone = typeof options.backbone === 'string' ? { name: options.backbone } : options.backbone;
  const entry = backboneNamed(backbone.name);
  const layers = backbone.layers ?? entry.layers;
  if (layers.length > 1 && !options.neck) {
    throw new RangeError(
      `createDetector: ${layers.length} backbone.layers (${layers.join(', ')}) need neck: { channels } to merge them, got none`,
    );
  }
  return {
    type: options.type,
    classes: [...options.classes],
    transform: {
      // Short side 600, long at most 1000: Fast R-CNN §5.2.
      minSize: 600,
      maxSize: 1000,
      // What torchvision's ImageNet weights were trained with.
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
      ...options.transform,
    },
    backbone: {
      layers: [...entry.layers],
      frozenThrough: pretrained ? entry.frozenThrough : null,
      ...backbone,
    },
    // One map, as in the paper: nothing to merge.
    neck: options.neck ?? null,
    proposals:
      options.proposals === 'precomputed'
        ? 'precomputed'
        : // Fast mode, about 2,000 boxes: Fast R-CNN §2. In the paper's order: a detector does its own suppression.
          { mode: 'fast', maxProposals: 2000, nmsThreshold: 1, ...options.proposals },
    // 7 × 7 for VGG16 (§2.1).
    regions: { outputSize: [7, 7], ...options.regions },
    // torchvision's TwoMLPHead width; no dropout.
    head: { hidden: [1024, 1024], dropout: 0, ...options.head },
    // 1 / (.1, .1, .2, .2), the usual standard deviations of the targets: py-faster-rcnn's end-to-end setting.
    boxCoder: { weights: [10, 10, 5, 5], ...options.boxCoder },
    // NMS .3: fast-rcnn's test. torchvision's score threshold .05 and 100 detections.
    postprocess: { scoreThreshold: 0.05, nmsThreshold: 0.3, maxDetections: 100, ...options.postprocess },
  };
}
