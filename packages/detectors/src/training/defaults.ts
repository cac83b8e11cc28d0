import { cosineOrSteps, withoutUndefined, type ScheduleOptions } from '@roikit/training';
import type { DetectorOptimizerOptions } from './detectorOptimizer';

// What trains well on a few hundred pictures and on a few thousand alike; every number was measured: docs/defaults.md.

/** Pictures seen until small data sets stop gaining: 1,600 steps of two. */
const PICTURES_SEEN = 3200;
const EPOCHS = { least: 6, most: 36 };

/** Epochs by size of the data: small sets are gone through more often, up to where they are known by heart. */
export function defaultEpochs(images: number): number {
  const epochs = Math.round(PICTURES_SEEN / Math.max(1, images));
  return Math.min(Math.max(epochs, EPOCHS.least), EPOCHS.most);
}

/** A step's size by rule: Loshchilov & Hutter's; with momentum three times the paper's, which clipping and warm-up allow. */
const LEARNING_RATES = { adamw: 0.001, sgd: 0.003 };

/** Steps of warm-up, but never more than an epoch. Not a part of the run: a run may be resumed to more epochs. */
const WARMUP_STEPS = 50;

/** The settings of a run that decide how well it trains, where the caller names them. */
export interface LearningOptions {
  epochs?: number;
  batch?: { images?: number };
  optimizer?: DetectorOptimizerOptions;
  schedule?: ScheduleOptions;
}

export type ResolvedLearning = Required<Pick<LearningOptions, 'epochs' | 'optimizer' | 'schedule'>>;

/**
 * Fills in how a detector is trained: AdamW, clipped, from a warm-up down a cosine.
 *
 * @param about `images`: how many there are to learn from; `pretrained`: whether the backbone starts from ImageNet weights;
 * `batch`: images a step of its kind (`DETECTORS[type].batch.images`)
 */
export function resolveLearning<Options extends LearningOptions>(
  options: Options,
  about: { images: number; pretrained: boolean; batch: number },
): Options & ResolvedLearning {
  const optimizer = withoutUndefined(options.optimizer);
  const type = optimizer?.type ?? 'adamw';
  const epochs = options.epochs ?? defaultEpochs(about.images);
  const stepsPerEpoch = Math.ceil(about.images / (options.batch?.images ?? about.batch));
  return {
    ...options,
    epochs,
    optimizer: {
      type,
      learningRate: LEARNING_RATES[type],
      // ImageNet's features are kept near to where they are; random ones have everything to learn.
      backboneFactor: about.pretrained ? 0.2 : 1,
      // Fast R-CNN §2.3.
      weightDecay: 0.0005,
      // Above what a step has once the head knows background from object; holds the first ones.
      clipNorm: 10,
      ...optimizer,
    },
    schedule: {
      warmupSteps: Math.min(WARMUP_STEPS, stepsPerEpoch),
      ...cosineOrSteps(options.schedule),
    },
  };
}
