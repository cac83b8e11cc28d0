import type { Fields } from '@roikit/training';
import * as z from 'zod';
import {
  multiTaskTraining,
  type BatchOptions,
  type FineTuneTraining,
  type LossOptions,
} from './multiTaskTraining';

/** Of regions, and of the anchors that propose them. */
interface JointBatchOptions extends BatchOptions {
  /** Anchors sampled from each image. @default 256 Faster R-CNN §3.1.2 */
  anchors?: number;
  /** Anchors that cross the picture's border: learned from, or left out (Faster R-CNN §3.1.2). @default 'use' FPN §4.1, torchvision */
  borderAnchors?: 'use' | 'ignore';
  /** Proposals that regions are drawn from, and best anchors of each map that are looked at. @default 2000 Faster R-CNN §3.3 */
  proposals?: number;
}

/** Of regions, and of the anchors that propose them. */
interface JointLossOptions extends LossOptions {
  /** Where smooth L1 of the anchors' boxes turns from square to linear. @default 1/9 torchvision */
  rpnBeta?: number;
}

/**
 * Fast R-CNN's settings, and those of the region proposal network. Of the former, `batch.regions` is 512 by default,
 * `batch.uniformClasses` false and `loss.beta` 1/9, as in torchvision. Proposals that change have no statistics: those of
 * `boxCoder.weights` stand in for them (py-faster-rcnn's BBOX_NORMALIZE_TARGETS_PRECOMPUTED).
 */
export interface JointTraining extends FineTuneTraining {
  batch?: JointBatchOptions;
  loss?: JointLossOptions;
}

const { batch, loss } = multiTaskTraining.shape;
const count = z.int().min(1).optional();

export const jointTraining = z.strictObject({
  augment: multiTaskTraining.shape.augment,
  batch: batch
    .unwrap()
    .extend({ anchors: count, borderAnchors: z.enum(['use', 'ignore']).optional(), proposals: count })
    .optional(),
  loss: loss.unwrap().extend({ rpnBeta: z.number().positive().optional() }).optional(),
} satisfies Fields<JointTraining>);
