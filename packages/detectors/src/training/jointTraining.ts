import * as z from 'zod';
import { multiTaskTraining } from './multiTaskTraining';

const { batch, loss } = multiTaskTraining.shape;

/**
 * Fast R-CNN's settings, and those of the region proposal network. Of the former, `batch.regions` is 512 by default,
 * `batch.uniformClasses` false and `loss.beta` 1/9, as in torchvision. Proposals that change have no statistics: those of
 * `boxCoder.weights` stand in for them (py-faster-rcnn's BBOX_NORMALIZE_TARGETS_PRECOMPUTED).
 */
export const jointTraining = multiTaskTraining.omit({ boxTargets: true }).extend({
  batch: batch
    .unwrap()
    .extend({
      /** Anchors sampled from each image. @default 256 Faster R-CNN §3.1.2 */
      anchors: z.int().min(1).optional(),
      /** Proposals that regions are drawn from, and best anchors of each map that are looked at. @default 2000 Faster R-CNN §3.3 */
      proposals: z.int().min(1).optional(),
    })
    .optional(),
  loss: loss
    .unwrap()
    .extend({
      /** Where smooth L1 of the anchors' boxes turns from square to linear. @default 1/9 torchvision */
      rpnBeta: z.number().positive().optional(),
    })
    .optional(),
});

export type JointTraining = z.input<typeof jointTraining>;
