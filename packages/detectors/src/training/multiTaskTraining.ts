import type { Fields } from '@roikit/training';
import * as z from 'zod';
import { augmentOptions, type AugmentOptions } from './augment';

const share = z.number().min(0).max(1);

/** How many images and regions a step sees, and which regions. */
export interface BatchOptions {
  /** Images a step. @default 2 Fast R-CNN §2.3; of R-CNN 8, with 16 regions each: its 128 windows (§2.3) */
  images?: number;
  /** Regions sampled from each. @default 128 twice Fast R-CNN's (§2.3): a small head learns more from a pass of the backbone; of R-CNN 16 */
  regions?: number;
  /** At most this part is foreground. @default 0.25 Fast R-CNN §2.3 */
  positiveFraction?: number;
  /** Foreground: IoU with an object at least this. @default 0.5 Fast R-CNN §2.3 */
  foregroundIou?: number;
  /** Background: best IoU in [low, high). @default [0, 0.5] py-faster-rcnn's end-to-end training */
  backgroundIou?: [number, number];
  /** Foreground evenly from the classes present. @default true rare classes are learned as well as common ones; Fast R-CNN draws from all alike */
  uniformClasses?: boolean;
}

/** How the pictures and regions of a step are drawn. */
export interface FineTuneTraining {
  batch?: BatchOptions;
  augment?: AugmentOptions;
}

/** The multi-task loss of classes and boxes. */
export interface LossOptions {
  /** Weight of the box loss. @default 1 Fast R-CNN §2.3 (λ) */
  lambda?: number;
  /** Of the boxes: smooth L1 of the offsets, or 1 − GIoU of the boxes they decode to (Rezatofighi et al. 2019). @default 'smoothL1' */
  box?: 'smoothL1' | 'giou';
  /** Where smooth L1 turns from square to linear. @default 1 Fast R-CNN Eq. 3 */
  beta?: number;
}

/** What boxes are learned as. */
export interface BoxTargetOptions {
  /**
   * Zero mean and unit variance of the box targets of all training proposals, for each class (fast-rcnn's code) or over
   * all of them (Fast R-CNN §2.3). The detector that comes out of it predicts offsets as any other.
   */
  normalize: 'perClass' | 'allClasses';
}

/** The same, and the multi-task loss. */
export interface MultiTaskTraining extends FineTuneTraining {
  boxTargets?: BoxTargetOptions;
  loss?: LossOptions;
}

export const fineTuneTraining = z.strictObject({
  batch: z
    .strictObject({
      images: z.int().min(1),
      regions: z.int().min(1),
      positiveFraction: share,
      foregroundIou: share,
      backgroundIou: z.tuple([share, share]),
      uniformClasses: z.boolean(),
    } satisfies Fields<BatchOptions>)
    .partial()
    .optional(),
  augment: augmentOptions.optional(),
} satisfies Fields<FineTuneTraining>);

export const multiTaskTraining = z.strictObject({
  ...fineTuneTraining.shape,
  boxTargets: z
    .strictObject({
      normalize: z.enum(['perClass', 'allClasses']),
    } satisfies Fields<BoxTargetOptions>)
    .optional(),
  loss: z
    .strictObject({
      lambda: z.number().positive(),
      box: z.enum(['smoothL1', 'giou']),
      beta: z.number().positive(),
    } satisfies Fields<LossOptions>)
    .partial()
    .optional(),
} satisfies Fields<MultiTaskTraining>);
