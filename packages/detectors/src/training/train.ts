import type { Dataset } from '@roikit/datasets';
import { parseOptions, runPhases, type RunSettings } from '@roikit/training';
import type { z } from 'zod';
import type { GeneralizedRCNN } from '../generalizedRCNN';
import { detectorType } from '../registry';
import type { ProposalSource, TrainEvent } from '../types';
import { resolveLearning } from './defaults';
import { readSamples, type SampleTable } from './sampleTable';
import { commonTraining, type TrainOptions } from './trainOptions';

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
  const { pretrained } = detector;
  const type = detectorType(detector.config.type, 'train');
  const { images: batch } = type.batch;
  const learning = resolveLearning(options, { images: dataset.length, pretrained, batch });
  const { own, settings } = runSettings(learning, type.training);
  checkClasses(detector, dataset);
  checkPatience(options);
  const table = yield* readSamples(dataset, proposalSource(detector, options), signal);
  if (signal?.aborted) return yield { type: 'stopped', phase: 'data' };
  checkTable(table, dataset);
  const resolved = { ...learning, ...own, batch: { ...type.batch, ...own.batch } };
  yield* runPhases(detector, type.phases(detector, { dataset, table }, resolved), {
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
  return {
    own: own as Pick<TrainOptions, 'batch'>,
    settings: { ...shared, ...(own as object) } as RunSettings,
  };
}

/** Where regions come from before the first step; undefined where the network proposes them in each. */
function proposalSource(detector: GeneralizedRCNN, { proposals }: TrainOptions): ProposalSource | undefined {
  if (!detector.parts.proposals.needsMaps) return proposals ?? ((image) => detector.propose(image));
  if (proposals === undefined) return undefined;
  throw new RangeError(`train: a ${detector.config.type} proposes its own regions; leave proposals out`);
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

/** A run that nothing is validated in would never stop early. */
function checkPatience({ patience, validation }: TrainOptions): void {
  if (patience === undefined || validation !== undefined) return;
  throw new RangeError(
    'train: patience must be of validations, got no validation; give one, or leave patience out',
  );
}

/** A run that sees no object learns that there is none: its loss goes to 0, and it finds nothing. */
function checkTable({ indices, objects }: SampleTable, dataset: Dataset): void {
  if (indices.length === 0)
    throw new RangeError(`train: ${dataset.name} has no usable sample among ${dataset.length}`);
  if (objects.every((count) => count === 0)) {
    throw new RangeError(
      `train: no object of ${dataset.classes.join(', ')} is annotated in the ${indices.length} usable samples of ${dataset.name}; check the class names (difficult objects and crowds are not learned)`,
    );
  }
}
