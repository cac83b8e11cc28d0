import { SVM_SCORE_THRESHOLD } from '@roikit/heads';
import * as z from 'zod';
import type { BackboneName } from './backbones';

// The stages' settings as schemas: what detector.json holds, what createDetector takes and what a recipe may say are
// made of these. A field that is `optional` here was added after 0.1: where a folder lacks it, the old behaviour stays.

const count = z.int().min(1);
const share = z.number().min(0).max(1);
const positive = z.number().positive();
const triple = z.tuple([z.number(), z.number(), z.number()]);

export const classes = z
  .array(z.string())
  .min(1, 'must name at least one class (the background is not one)')
  .readonly();

/** What is taken from the pixels and what they are divided by, per channel, on values in [0, 1]. */
export const normalization = z.strictObject({ mean: triple, std: triple });

/** How an image becomes the network's input. */
export const transform = normalization.extend({
  /** Shorter side after resizing, pixels. */
  minSize: count,
  /** The longer side may not exceed this, whatever minSize asks for. */
  maxSize: count,
});

export const backbone = z.strictObject({
  name: z.string(),
  /** Layers whose maps the regions are pooled from, finest first; several are merged by the neck. */
  layers: z.array(z.string()).min(1),
  /** Layers up to and including this one are not trained (the paper fixes VGG16's conv1 and conv2, §4.5). */
  frozenThrough: z.string().nullable(),
  /** Batch norm's ε where it is not the network's own: torchvision's COCO weights were made with 0. */
  normEps: z.number().min(0).optional(),
});

/**
 * Sizes of an image pyramid, times the transform's: a region is pooled from the map of the one in which it comes nearest
 * to 224² pixels (SPP-net §4.1). SPP-net's five are shorter sides of 480, 576, 688, 864 and 1,200.
 */
export const scales = z.array(positive).min(1);

/** 1×1 convolutions that bring every map to `channels`; coarser maps are upsampled and added to the finest. */
export const neck = z.strictObject({ channels: count });

/** A feature pyramid: width of its maps; `batchNorm`: after each of its convolutions, which then have no bias. */
export const fpn = neck.extend({ batchNorm: z.boolean().optional() });

/**
 * Where the cells of a map are taken to look: in the middle of what their layers see, or, as in torchvision, at
 * (column, row) times the stride.
 */
export const cells = z.enum(['center', 'corner']);

/** Selective search, or `precomputed`: boxes that the caller brings. */
export const proposals = z.union([
  z.literal('precomputed'),
  z.strictObject({
    mode: z.enum(['single', 'fast', 'quality']),
    maxProposals: count.optional(),
    minSize: z.number().min(0).optional(),
    nmsThreshold: share.optional(),
    resizeWidth: count.optional(),
    /** Pictures whose longer side is above this are searched shrunk to it; boxes are in the picture's own pixels. */
    maxSize: count.optional(),
  }),
]);

/** Anchors, and which of their boxes become proposals. */
export const rpn = z.strictObject({
  anchors: z.strictObject({
    /** Sides of the square anchors of each map, in pixels of the network's input; as many for one map as for another. */
    sizes: z.array(z.array(positive).min(1)).min(1),
    /** Height / width. */
    aspectRatios: z.array(positive).min(1),
  }),
  /** 3×3 convolutions before the predictions. @default 1 */
  convDepth: count.optional(),
  /** Least probability of a proposal. @default 0 */
  scoreThreshold: share.optional(),
  /** Best anchors of each map that are looked at. */
  preNms: count,
  /** Proposals of an image. */
  postNms: count,
  nmsThreshold: share,
});

/** How a region is cropped from the image, and what is made of the network's last map of it. */
export const crop = z.strictObject({
  /** Side of the network's input, pixels. */
  size: count,
  /** Stretched over the input, or the tightest square around it. */
  mode: z.enum(['warp', 'square']),
  /** Pixels of its surroundings on each side, counted in the input. */
  context: z.int().min(0),
  outputSize: z.tuple([count, count]),
});

export const regions = z.strictObject({ outputSize: z.tuple([count, count]) });
export const head = z.strictObject({
  hidden: z.array(count),
  dropout: share,
  /** Channels of 3×3 convolutions with batch norm before the hidden layers. @default none */
  convs: z.array(count).optional(),
  /** Layers that `compress` has made two of, by name. */
  ranks: z.record(z.string(), count).optional(),
});
export const boxCoder = z.strictObject({ weights: z.tuple([positive, positive, positive, positive]) });
const postprocess = z.strictObject({
  scoreThreshold: z.number(),
  nmsThreshold: share,
  maxDetections: count,
});

/** The same of probabilities: overlapping boxes may lower scores (Bodla et al. 2017) and have a vote (Gidaris & Komodakis 2015). */
export const softPostprocess = postprocess.extend({
  softNms: z
    .strictObject({ method: z.enum(['linear', 'gaussian']), sigma: positive.optional() })
    .nullable()
    .optional(),
  boxVoting: z.strictObject({ iouThreshold: share.optional() }).nullable().optional(),
});

/** At most so many candidates of a class reach its NMS: R-CNN's test. */
export const cappedPostprocess = postprocess.extend({ maxPerClass: count });

/** Fully connected layers under SVMs, and which features the box regressors see. */
export const linearHead = head.extend({ boxFeatures: z.enum(['pooled', 'hidden']) });

export type NormalizationConfig = z.output<typeof normalization>;
export type TransformConfig = z.output<typeof transform>;
export type BackboneConfig = z.output<typeof backbone>;
export type NeckConfig = z.output<typeof neck>;
export type ProposalsConfig = Exclude<z.output<typeof proposals>, 'precomputed'>;
export type CropConfig = z.output<typeof crop>;
export type FpnConfig = z.output<typeof fpn>;
export type CellPosition = z.output<typeof cells>;
export type RpnConfig = z.output<typeof rpn>;
export type HeadConfig = z.output<typeof head>;
export type PostprocessConfig = z.output<typeof softPostprocess>;

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

/** A name from the table, or a name and what differs from its entry. */
export const backboneOptions = z.union([
  z.string() as unknown as z.ZodType<BackboneName, BackboneName>,
  backbone.partial({ layers: true, frozenThrough: true }),
]);

/** `precomputed`, or what differs from the default search. */
export const proposalsOptions = z.union([z.literal('precomputed'), proposals.options[1].partial()]);

/** Defaults that the kinds share; what trains well on a few hundred pictures: docs/defaults.md. */
export const DEFAULTS = {
  transform: {
    // The paper's 600 and 1000 (Fast R-CNN §5.2) take half as long again.
    minSize: 480,
    maxSize: 800,
    // What torchvision's ImageNet weights were trained with.
    mean: [0.485, 0.456, 0.406] as [number, number, number],
    std: [0.229, 0.224, 0.225] as [number, number, number],
  },
  // Fast mode, about 2,000 boxes, in the paper's order: R-CNN §2.1, SPP-net §4.1, Fast R-CNN §2. A detector does its own
  // suppression. The search sees no more pixels than 800 a side: a photo of 12 megapixels takes a quarter of a second
  // instead of twenty.
  proposals: { mode: 'fast', maxProposals: 2000, nmsThreshold: 1, maxSize: 800 } as const,
  // 1 / (.1, .1, .2, .2), the usual standard deviations of the targets: py-faster-rcnn's end-to-end setting.
  boxCoder: { weights: [10, 10, 5, 5] as [number, number, number, number] },
  // torchvision's least score and count. Soft-NMS keeps objects that overlap, two kangaroos or a cluster of cells, and puts
  // behind them the parts and repeats of an object that NMS leaves: AP50 and AP rise (docs/defaults.md).
  postprocess: {
    scoreThreshold: 0.05,
    nmsThreshold: 0.4,
    softNms: { method: 'linear' as const },
    maxDetections: 100,
  },
};

/** Of SVMs' margins: NMS and caps of R-CNN's test (rcnn_test.m), which SPP-net §4.1 follows. */
export const MARGIN_POSTPROCESS = {
  scoreThreshold: SVM_SCORE_THRESHOLD,
  nmsThreshold: 0.3,
  maxPerClass: 100,
  maxDetections: 100,
};
