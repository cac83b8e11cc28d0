import type { Dataset } from '@roikit/datasets';
import type { SeededRandom } from '@roikit/geometry';
import {
  optimizerOptions,
  parseOptions,
  runPhases,
  scheduleOptions,
  type CheckpointStore,
  type OptimizerOptions,
  type RunSettings,
  type ScheduleOptions,
} from '@roikit/training';
import { z } from 'zod';
import type { GeneralizedRCNN } from '../generalizedRCNN';
import { detectorType } from '../registry';
import type { ProposalSource, TrainEvent } from '../types';
import type { MultiTaskTraining } from './multiTaskPhase';
import { resolveLearning, type ResolvedLearning } from './defaults';
import { readSamples, type SampleTable } from './sampleTable';

/** Settings that every kind of detector is trained with; its own come on top. */
export const commonTraining = z.strictObject({
  optimizer: optimizerOptions.optional(),
  schedule: scheduleOptions.optional(),
  /** Decay of a moving average of the weights, which is then validated and kept. @default none */
  ema: z.number().min(0).lt(1).optional(),
  /** Ends after so many validations without a better AP50, and keeps the best weights. @default never */
  patience: z.int().min(1).optional(),
  /** Epochs from one validation to the next; the last is always validated. @default 1 */
  validateEvery: z.int().min(1).optional(),
});

export interface TrainOptions extends MultiTaskTraining {
  /** @default by size of the data: 1,800 pictures seen, but 6 epochs at least and 20 at most */
  epochs?: number;
  /** @default 'adamw' at 0.001 ('sgd': 0.003), a pretrained backbone at a fifth of it, clipped at norm 10 */
  optimizer?: OptimizerOptions;
  /** @default 'cosine' after 50 steps of warm-up, an epoch at most */
  schedule?: ScheduleOptions;
  ema?: number;
  patience?: number;
  validateEvery?: number;
  /** Evaluated after every `validateEvery` epochs and after the last. */
  validation?: Dataset;
  /** @default the detector's own; wrap it to cache */
  proposals?: ProposalSource;
  /** Saved after every epoch and when `signal` is aborted; an existing state is taken up. */
  checkpoint?: CheckpointStore;
  /** Ends the run after the current step, or the current image of a validation. */
  signal?: AbortSignal;
  /** Drives order, sampling and augmentation; its state is part of a checkpoint. */
  random: SeededRandom;
}

/** With nothing left open of how it learns. */
export type ResolvedTrainOptions = TrainOptions & ResolvedLearning;

/**
 * Trains a detector in place, as its kind is trained.
 *
 * Yields an event for everything a progress display needs. Samples that can't be read are skipped and reported once.
 * A run that is stopped and taken up from its checkpoint goes through the same losses as one that never stopped.
 *
 * @throws RangeError where options, classes or data don't fit, or a checkpoint was made with other ones; DivergenceError
 * where the loss is no longer finite, with the last good weights in the detector
 */
export async function* train(
  detector: GeneralizedRCNN,
  dataset: Dataset,
  options: TrainOptions,
): AsyncGenerator<TrainEvent> {
  const { signal, random, checkpoint } = options;
  const pretrained = detector.config.backbone.frozenThrough !== null; // random layers are all trained
  const learning = resolveLearning(options, { images: dataset.length, pretrained });
  const type = detectorType(detector.config.type, 'train');
  const { own, settings } = runSettings(learning, type.training);
  checkClasses(detector, dataset);
  const source = detector.parts.proposals.needsMaps
    ? undefined
    : (options.proposals ?? ((image) => detector.propose(image)));
  const table = yield* readSamples(dataset, source, signal);
  if (signal?.aborted) return yield { type: 'stopped', phase: 'data' };
  checkTable(table, dataset);
  yield* runPhases(detector, type.phases(detector, { dataset, table }, { ...learning, ...own }), {
    checkpoint,
    signal,
    random,
    settings: { detector: detector.config, training: settings, data: table.fingerprint },
  });
}

/** The settings that decide what a run computes, checked: a checkpoint is taken up only with the same ones. */
function runSettings({ epochs, ...options }: TrainOptions & { epochs: number }, schema: z.ZodType) {
  if (!Number.isInteger(epochs) || epochs < 1)
    throw new RangeError(`train: epochs must be a positive integer, got ${epochs}`);
  const { validation: _, proposals: __, checkpoint: ___, signal: ____, random: _____, ...given } = options;
  const common = Object.keys(commonTraining.shape);
  const isCommon = ([name]: [string, unknown]) => common.includes(name);
  const entries = Object.entries(given);
  const shared = parseOptions('train', commonTraining, Object.fromEntries(entries.filter(isCommon)));
  const own = parseOptions('train', schema, Object.fromEntries(entries.filter((entry) => !isCommon(entry))));
  return { own: own as object, settings: { ...shared, ...(own as object) } as RunSettings };
}

/** Labels are positions in the class list, so the two lists must be the same. */
function checkClasses(detector: GeneralizedRCNN, dataset: Dataset): void {
  const [expected, got] = [detector.config.classes.join(', '), dataset.classes.join(', ')];
  if (expected !== got) {
    throw new RangeError(
      `train: the dataset's classes must be the detector's (${expected}), in that order, got ${got}`,
    );
  }
}

/** A run that sees no object learns that there is none: its loss goes to 0, and it finds nothing. */
function checkTable({ indices, objects }: SampleTable, dataset: Dataset): void {
  if (indices.length === 0)
    throw new RangeError(`train: ${dataset.name} has no usable sample among ${dataset.length}`);
  if (objects.every((count) => count === 0)) {
    throw new RangeError(
      `train: no object of ${dataset.classes.join(', ')} is annotated in the ${indices.length} usable samples of ${dataset.name}; check the class names`,
    );
  }
}
