import * as z from 'zod';
import { fineTuneTraining } from './multiTaskTraining';

const share = z.number().min(0).max(1);
const positive = z.number().positive();

/** Settings of the SVMs. Defaults are R-CNN's code's (rcnn_train.m) where the kind of detector has none of its own. */
const svmOptions = z
  .strictObject({
    /** C. @default 1e-3 */
    cost: positive,
    /** @default 10 */
    biasMultiplier: positive,
    /** Factor on C for positives. @default 2 */
    positiveWeight: positive,
    /** Negatives: IoU with every object of the class below this. @default 0.3 R-CNN §2.3 */
    negativeIou: share,
    /** Proposals of an image looked at, from all over the list. @default all */
    regions: z.int().min(1),
    /** Negatives that overlap an earlier one of the image more than this are left out. @default none */
    negativeNms: share,
    /** Negatives that score above this are hard. @default -1.0001 */
    hardThreshold: z.number(),
    /** Negatives that score below this after a training are dropped. @default -1.2 */
    evictThreshold: z.number(),
    /** Trains again once more than this many negatives are new. @default 2000 */
    retrainAfter: z.int().min(1),
    /** Negatives of a class kept at most, the hardest. @default 20000 */
    maxNegatives: z.int().min(1),
    /** Mean norm that features are scaled to. @default 20 */
    featureNorm: positive,
  })
  .partial();

/** Settings of the box regressors. */
const boxesOptions = z
  .strictObject({
    /** λ. @default 1000 R-CNN App. C; SPP-net's code has 4000 */
    lambda: positive,
    /** Least IoU of a proposal with the object it is moved to. @default 0.6 R-CNN App. C; SPP-net .5 */
    minIou: z.number().min(0).max(1),
    /** Proposals of an image looked at, from all over the list. @default all */
    regions: z.int().min(1),
    /** Mean norm that features are scaled to. @default 20 R-CNN's code */
    featureNorm: positive,
  })
  .partial();

/** Settings of detectors that are fine-tuned first and fitted with SVMs and box regressors then. */
export const stagedTraining = fineTuneTraining.extend({
  svm: svmOptions.optional(),
  boxes: boxesOptions.optional(),
});

export type StagedTraining = z.input<typeof stagedTraining>;
export type SvmOptions = z.input<typeof svmOptions>;
export type BoxesOptions = z.input<typeof boxesOptions>;
