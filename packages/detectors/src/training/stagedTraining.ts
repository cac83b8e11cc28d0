import type { Fields } from '@roikit/training';
import * as z from 'zod';
import { fineTuneTraining, type FineTuneTraining } from './multiTaskTraining';

const share = z.number().min(0).max(1);
const positive = z.number().positive();

/** Settings of the SVMs. Defaults are R-CNN's code's (rcnn_train.m) where the kind of detector has none of its own. */
export interface SvmOptions {
  /** C. @default 1e-3 */
  cost?: number;
  /** @default 10 */
  biasMultiplier?: number;
  /** Factor on C for positives. @default 2 */
  positiveWeight?: number;
  /** Negatives: IoU with every object of the class below this. @default 0.3 R-CNN §2.3 */
  negativeIou?: number;
  /** Proposals of an image looked at, from all over the list. @default all */
  regions?: number;
  /** Negatives that overlap an earlier one of the image more than this are left out. @default none */
  negativeNms?: number;
  /** Negatives that score above this are hard. @default -1.0001 */
  hardThreshold?: number;
  /** Negatives that score below this after a training are dropped. @default -1.2 */
  evictThreshold?: number;
  /** Trains again once more than this many negatives are new. @default 2000 */
  retrainAfter?: number;
  /** Negatives of a class kept at most, the hardest. @default 20000 */
  maxNegatives?: number;
  /** Mean norm that features are scaled to. @default 20 */
  featureNorm?: number;
}

/** Settings of the box regressors. */
export interface BoxesOptions {
  /** λ. @default 1000 R-CNN App. C; SPP-net's code has 4000 */
  lambda?: number;
  /** Least IoU of a proposal with the object it is moved to. @default 0.6 R-CNN App. C; SPP-net .5 */
  minIou?: number;
  /** Proposals of an image looked at, from all over the list. @default all */
  regions?: number;
  /** Mean norm that features are scaled to. @default 20 R-CNN's code */
  featureNorm?: number;
}

/** Settings of detectors that are fine-tuned first and fitted with SVMs and box regressors then. */
export interface StagedTraining extends FineTuneTraining {
  svm?: SvmOptions;
  boxes?: BoxesOptions;
}

const svmOptions = z
  .strictObject({
    cost: positive,
    biasMultiplier: positive,
    positiveWeight: positive,
    negativeIou: share,
    regions: z.int().min(1),
    negativeNms: share,
    hardThreshold: z.number(),
    evictThreshold: z.number(),
    retrainAfter: z.int().min(1),
    maxNegatives: z.int().min(1),
    featureNorm: positive,
  } satisfies Fields<SvmOptions>)
  .partial();

const boxesOptions = z
  .strictObject({
    lambda: positive,
    minIou: share,
    regions: z.int().min(1),
    featureNorm: positive,
  } satisfies Fields<BoxesOptions>)
  .partial();

export const stagedTraining = z.strictObject({
  ...fineTuneTraining.shape,
  svm: svmOptions.optional(),
  boxes: boxesOptions.optional(),
} satisfies Fields<StagedTraining>);
