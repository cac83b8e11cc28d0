import type { Dataset } from '@roikit/datasets';
import type { SeededRandom } from '@roikit/geometry';
import { scheduleOptions, type CheckpointStore, type Fields, type ScheduleOptions } from '@roikit/training';
import * as z from 'zod';
import type { ProposalSource } from '../types';
import type { ResolvedLearning } from './defaults';
import { detectorOptimizer, type DetectorOptimizerOptions } from './detectorOptimizer';
import type { JointTraining } from './jointTraining';
import type { MultiTaskTraining } from './multiTaskTraining';
import type { StagedTraining } from './stagedTraining';

/** Settings that every kind of detector is trained with; its own come on top. */
interface CommonTraining {
  /** @default 'adamw' at 0.001 ('sgd': 0.003), a pretrained backbone at a fifth of it, clipped at norm 10 */
  optimizer?: DetectorOptimizerOptions;
  /** @default 'cosine', or 'step' where milestones or gamma are given, after 50 steps of warm-up, an epoch at most */
  schedule?: ScheduleOptions;
  /** Decay of a moving average of the weights, which is then validated and kept. @default none */
  ema?: number;
  /** Ends after so many validations without a better AP50, and keeps the best weights; needs `validation`. @default never */
  patience?: number;
  /** Epochs from one validation to the next; the last is always validated. @default 1 */
  validateEvery?: number;
}

/** Their schema, for settings that are read from a file. */
export const commonTraining: z.ZodObject = z.strictObject({
  optimizer: detectorOptimizer.optional(),
  schedule: scheduleOptions.optional(),
  ema: z.number().min(0).lt(1).optional(),
  patience: z.int().min(1).optional(),
  validateEvery: z.int().min(1).optional(),
} satisfies Fields<CommonTraining>);

/** What kinds bring of their own is listed together; `train` refuses what the detector at hand does not take. */
export interface TrainOptions
  extends
    CommonTraining,
    JointTraining,
    Pick<MultiTaskTraining, 'boxTargets'>,
    Pick<StagedTraining, 'svm' | 'boxes'> {
  /** @default by size of the data: 3,200 pictures seen, but 6 epochs at least and 36 at most */
  epochs?: number;
  /** Evaluated after every `validateEvery` epochs and after the last. */
  validation?: Dataset;
  /** Where the network does not propose itself. @default the detector's own; wrap it to cache */
  proposals?: ProposalSource;
  /** Saved after every epoch and when `signal` is aborted; an existing state is taken up. */
  checkpoint?: CheckpointStore;
  /** Ends the run after the current step, or the current image of a validation. */
  signal?: AbortSignal;
  /** Drives order, sampling and augmentation; its state is part of a checkpoint. */
  random: SeededRandom;
}

/** With nothing left open of how it learns. */
export type ResolvedTrainOptions = TrainOptions & ResolvedLearning & { batch: { images: number } };
