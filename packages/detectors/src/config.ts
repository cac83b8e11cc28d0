import { z } from 'zod';
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

/** How an image becomes the network's input. */
export const transform = z.strictObject({
  /** Shorter side after resizing, pixels. */
  minSize: count,
  /** The longer side may not exceed this, whatever minSize asks for. */
  maxSize: count,
  /** Per channel, on values in [0, 1]. */
  mean: triple,
  std: triple,
});

export const backbone = z.strictObject({
  name: z.string(),
  /** Layers whose maps the regions are pooled from, finest first; several are merged by the neck. */
  layers: z.array(z.string()).min(1),
  /** Layers up to and including this one are not trained (the paper fixes VGG16's conv1 and conv2, §4.5). */
  frozenThrough: z.string().nullable(),
});

/** 1×1 convolutions that bring every map to `channels`; coarser maps are upsampled and added to the finest. */
export const neck = z.strictObject({ channels: count });

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

export const regions = z.strictObject({ outputSize: z.tuple([count, count]) });
export const head = z.strictObject({ hidden: z.array(count), dropout: share });
export const boxCoder = z.strictObject({ weights: z.tuple([positive, positive, positive, positive]) });
export const postprocess = z.strictObject({
  scoreThreshold: z.number(),
  nmsThreshold: share,
  maxDetections: count,
});

export type TransformConfig = z.output<typeof transform>;
export type BackboneConfig = z.output<typeof backbone>;
export type NeckConfig = z.output<typeof neck>;
export type ProposalsConfig = Exclude<z.output<typeof proposals>, 'precomputed'>;
export type HeadConfig = z.output<typeof head>;
export type PostprocessConfig = z.output<typeof postprocess>;

/** What every kind of detector has in its configuration. */
export interface BaseConfig {
  type: string;
  /** Names of the classes 1…K. */
  classes: readonly string[];
  transform: TransformConfig;
  backbone: BackboneConfig;
  proposals: 'precomputed' | ProposalsConfig;
  postprocess: PostprocessConfig;
}

/** A name from the table, or a name and what differs from its entry. */
export const backboneOptions = z.union([
  z.string() as unknown as z.ZodType<BackboneName, BackboneName>,
  backbone.partial({ layers: true, frozenThrough: true }),
]);

/** `precomputed`, or what differs from the default search. */
export const proposalsOptions = z.union([z.literal('precomputed'), proposals.options[1].partial()]);
