import { SVM_SCORE_THRESHOLD } from '@roikit/heads';
import type { Fields } from '@roikit/training';
import * as z from 'zod';
import type { BackboneName } from './backbone/backbones';
import type * as config from './config';

// The stages' settings (config.ts) as schemas.

const count = z.int().min(1);
/** Channels or units of a layer: the papers have up to 4096; far more is a slip, and fills the memory. */
const width = z.int().min(1).max(65_536);
/** Cells of a side; the papers' regions have 6 to 14. */
const side = z.int().min(1).max(256);
const share = z.number().min(0).max(1);
const positive = z.number().positive();
const triple = z.tuple([z.number(), z.number(), z.number()]);

export const classes = z
  .array(z.string())
  .min(1, 'must name at least one class (the background is not one)')
  .readonly();

export const normalization = z.strictObject({
  mean: triple,
  std: triple,
} satisfies Fields<config.NormalizationConfig>);

export const transform = z.strictObject({
  ...normalization.shape,
  minSize: count,
  maxSize: count,
} satisfies Fields<config.TransformConfig>);

export const backbone = z.strictObject({
  name: z.string(),
  layers: z.array(z.string()).min(1),
  frozenThrough: z.string().nullable(),
  normEps: z.number().min(0).optional(),
} satisfies Fields<config.BackboneConfig>);

/**
 * Sizes of an image pyramid, times the transform's: a region is pooled from the map of the one in which it comes nearest
 * to 224² pixels (SPP-net §4.1). SPP-net's five are shorter sides of 480, 576, 688, 864 and 1,200.
 */
export const scales = z.array(positive).min(1);

export const neck = z.strictObject({ channels: width } satisfies Fields<config.NeckConfig>);

export const fpn = z.strictObject({
  ...neck.shape,
  batchNorm: z.boolean().optional(),
} satisfies Fields<config.FpnConfig>);

export const cells = z.enum(['center', 'corner'] satisfies config.CellPosition[]);

const selectiveSearch = z.strictObject({
  mode: z.enum(['single', 'fast', 'quality']),
  maxProposals: count.optional(),
  minSize: z.number().min(0).optional(),
  nmsThreshold: share.optional(),
  resizeWidth: count.optional(),
  maxSize: count.optional(),
} satisfies Fields<config.ProposalsConfig>);

/** Selective search, or `precomputed`: boxes that the caller brings. */
export const proposals = z.union([z.literal('precomputed'), selectiveSearch]);

export const rpn = z.strictObject({
  anchors: z.strictObject({
    sizes: z.array(z.array(positive).min(1)).min(1),
    aspectRatios: z.array(positive).min(1),
  } satisfies Fields<config.AnchorsConfig>),
  convDepth: z.int().min(1).max(64).optional(),
  scoreThreshold: share.optional(),
  preNms: count,
  postNms: count,
  nmsThreshold: share,
} satisfies Fields<config.RpnConfig>);

export const crop = z.strictObject({
  size: count,
  mode: z.enum(['warp', 'square']),
  context: z.int().min(0),
  outputSize: z.tuple([side, side]),
} satisfies Fields<config.CropConfig>);

export const regions = z.strictObject({
  outputSize: z.tuple([side, side]),
} satisfies Fields<config.RegionsConfig>);

export const pyramid = z.strictObject({
  levels: z.array(side).min(1),
} satisfies Fields<config.PyramidConfig>);

export const head = z.strictObject({
  hidden: z.array(width),
  dropout: share,
  convs: z.array(width).optional(),
  ranks: z.record(z.string(), count).optional(),
} satisfies Fields<config.HeadConfig>);

export const linearHead = z.strictObject({
  ...head.omit({ convs: true }).shape,
  boxFeatures: z.enum(['pooled', 'hidden']),
} satisfies Fields<config.LinearHeadConfig>);

export const boxCoder = z.strictObject({
  weights: z.tuple([positive, positive, positive, positive]),
} satisfies Fields<config.BoxCoderConfig>);

const nms = {
  scoreThreshold: z.number(),
  nmsThreshold: share,
  maxDetections: count,
} satisfies Fields<config.NmsConfig>;

export const softPostprocess = z.strictObject({
  ...nms,
  softNms: z
    .strictObject({ method: z.enum(['linear', 'gaussian']), sigma: positive.optional() })
    .nullable()
    .optional(),
  boxVoting: z.strictObject({ iouThreshold: share.optional() }).nullable().optional(),
} satisfies Fields<config.PostprocessConfig>);

export const cappedPostprocess = z.strictObject({
  ...nms,
  maxPerClass: count,
} satisfies Fields<config.CappedPostprocessConfig>);

/** A name from the table, or a name and what differs from its entry. */
export const backboneOptions = z.union([
  z.string() as unknown as z.ZodType<BackboneName, BackboneName>,
  backbone.partial({ layers: true, frozenThrough: true }),
]);

/** `precomputed`, or what differs from the default search. */
export const proposalsOptions = z.union([z.literal('precomputed'), selectiveSearch.partial()]);

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
