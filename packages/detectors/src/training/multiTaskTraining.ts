import * as z from 'zod';
import { augmentOptions } from './augment';

const share = z.number().min(0).max(1);

/** How the pictures and regions of a step are drawn. */
export const fineTuneTraining = z.strictObject({
  batch: z
    .strictObject({
      /** Images a step. @default 2 Fast R-CNN §2.3 */
      images: z.int().min(1),
      /** Regions sampled from each. @default 128 twice Fast R-CNN's (§2.3): a small head learns more from a pass of the backbone */
      regions: z.int().min(1),
      /** At most this part is foreground. @default 0.25 Fast R-CNN §2.3 */
      positiveFraction: share,
      /** Foreground: IoU with an object at least this. @default 0.5 Fast R-CNN §2.3 */
      foregroundIou: share,
      /** Background: best IoU in [low, high). @default [0, 0.5] py-faster-rcnn's end-to-end training */
      backgroundIou: z.tuple([share, share]),
      /** Foreground evenly from the classes present. @default true rare classes are learned as well as common ones; Fast R-CNN draws from all alike */
      uniformClasses: z.boolean(),
    })
    .partial()
    .optional(),
  augment: augmentOptions.optional(),
});

/** The same, and the multi-task loss. */
export const multiTaskTraining = fineTuneTraining.extend({
  boxTargets: z
    .strictObject({
      /**
       * Zero mean and unit variance of the box targets of all training proposals, for each class (fast-rcnn's code) or over
       * all of them (Fast R-CNN §2.3). The detector that comes out of it predicts offsets as any other.
       */
      normalize: z.enum(['perClass', 'allClasses']),
    })
    .optional(),
  loss: z
    .strictObject({
      /** Weight of the box loss. @default 1 Fast R-CNN §2.3 (λ) */
      lambda: z.number().positive(),
      /** Of the boxes: smooth L1 of the offsets, or 1 − GIoU of the boxes they decode to (Rezatofighi et al. 2019). @default 'smoothL1' */
      box: z.enum(['smoothL1', 'giou']),
      /** Where smooth L1 turns from square to linear. @default 1 Fast R-CNN Eq. 3 */
      beta: z.number().positive(),
    })
    .partial()
    .optional(),
});

export type MultiTaskTraining = z.input<typeof multiTaskTraining>;
