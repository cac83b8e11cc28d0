import type { Dataset } from '@roikit/datasets';
import type { SeededRandom } from '@roikit/geometry';
import type { FastRCNNLossOptions, SampleRegionsOptions } from '@roikit/heads';
import type { AugmentOptions } from './augment';
import { packRun, unpackRun, type CheckpointStore, type Run, type TrainProgress } from './checkpoint';
import { evaluate, type EvaluateOptions } from './evaluate';
import type { FastRCNN } from './fastRCNN';
import { Optimizer, type OptimizerOptions } from './optimizer';
import { parameterGroups } from './parameters';
import { prepareProposals, type ProposalTable } from './proposalStage';
import { scheduleFactor, type ScheduleOptions } from './schedule';
import { trainStep } from './trainStep';
import type { Losses, ProposalSource, Report, TrainEvent } from './types';

export interface BatchOptions extends Partial<Omit<SampleRegionsOptions, 'coder' | 'random' | 'count'>> {
  /** Images a step. @default 2 Fast R-CNN §2.3 */
  images?: number;
  /** Regions sampled from each. @default 64 Fast R-CNN §2.3 */
  regions?: number;
}

export interface TrainOptions {
  epochs: number;
  batch?: BatchOptions;
  loss?: FastRCNNLossOptions;
  optimizer?: OptimizerOptions;
  schedule?: ScheduleOptions;
  augment?: AugmentOptions;
  /** Evaluated after every `validateEvery` epochs and after the last. */
  validation?: Dataset;
  /** @default 1 */
  validateEvery?: number;
  /** @default the detector's own; wrap it to cache */
  proposals?: ProposalSource;
  /** Saved after every epoch and when `signal` is aborted; an existing state is taken up. */
  checkpoint?: CheckpointStore;
  /** Ends the run after the current step, or the current image of a validation. */
  signal?: AbortSignal;
  /** Drives order, sampling and augmentation; its state is part of a checkpoint. */
  random: SeededRandom;
}

/**
 * Trains a detector in place (Fast R-CNN §2.3: SGD on batches of a few images with many regions each).
 *
 * Yields an event for everything a progress display needs. Samples that can't be read are skipped and reported once.
 * A run that is stopped and taken up from its checkpoint goes through the same losses as one that never stopped.
 */
export async function* train(
  detector: FastRCNN,
  dataset: Dataset,
  options: TrainOptions,
): AsyncGenerator<TrainEvent> {
  const { epochs, signal, random, checkpoint, proposals = (image) => detector.propose(image) } = options;
  checkClasses(detector, dataset);
  const table = yield* prepareProposals(dataset, proposals, signal);
  if (signal?.aborted) return yield { type: 'stopped', epoch: 0, step: 0 };
  if (table.size === 0)
    throw new RangeError(`train: ${dataset.name} has no usable sample among ${dataset.length}`);
  const backboneFactor = options.optimizer?.backboneFactor ?? 1;
  const optimizer = new Optimizer(parameterGroups(detector, backboneFactor), options.optimizer);
  try {
    const saved = await checkpoint?.load();
    const progress = saved ? unpackRun(saved, { detector, optimizer, random }) : newProgress();
    const run: Run = { detector, optimizer, random, progress };
    const stepsPerEpoch = Math.ceil(table.size / (options.batch?.images ?? 2));
    yield { type: 'start', epoch: progress.epoch, epochs, stepsPerEpoch, resumed: saved !== undefined };
    while (progress.epoch < epochs) {
      yield* trainEpoch(run, dataset, table, { ...options, stepsPerEpoch });
      const closed =
        progress.step === stepsPerEpoch && (yield* closeEpoch(run, stepsPerEpoch, options, proposals));
      await checkpoint?.save(await packRun(run));
      if (checkpoint) yield { type: 'checkpoint', epoch: progress.epoch, step: progress.step };
      if (!closed) return yield { type: 'stopped', epoch: progress.epoch, step: progress.step };
    }
    yield { type: 'done', epochs, skipped: dataset.length - table.size };
  } finally {
    optimizer.dispose();
  }
}

async function* trainEpoch(
  { detector, optimizer, random, progress }: Run,
  dataset: Dataset,
  table: ProposalTable,
  options: TrainOptions & { stepsPerEpoch: number },
): AsyncGenerator<TrainEvent> {
  const { epochs, stepsPerEpoch, signal } = options;
  const images = options.batch?.images ?? 2;
  // Not "step is 0": a run stopped between two epochs has drawn its order already.
  if (progress.order.length === 0) progress.order = shuffled([...table.keys()], random);
  while (progress.step < stepsPerEpoch && !signal?.aborted) {
    const started = performance.now();
    const indices = progress.order.slice(progress.step * images, (progress.step + 1) * images);
    const position = progress.epoch * stepsPerEpoch + progress.step;
    const learningRate =
      optimizer.learningRate * scheduleFactor(position, epochs * stepsPerEpoch, options.schedule);
    const batch = await Promise.all(
      indices.map(async (i) => ({ sample: await dataset.get(i), proposals: table.get(i)! })),
    );
    const losses = await trainStep(detector, optimizer, batch, { ...options, learningRate });
    progress.step++;
    addTo(progress.lossSums, losses);
    const milliseconds = performance.now() - started;
    yield {
      type: 'step',
      epoch: progress.epoch + 1,
      step: progress.step,
      stepsPerEpoch,
      losses,
      learningRate,
      milliseconds,
    };
    await new Promise((resolve) => setTimeout(resolve)); // lets signal handlers and timers run
  }
}

/** Validates where due, and moves on to the next epoch; false where `signal` cut the validation short. */
async function* closeEpoch(
  { detector, progress }: Run,
  steps: number,
  { epochs, validation, validateEvery = 1, signal }: TrainOptions,
  proposals: ProposalSource,
): AsyncGenerator<TrainEvent, boolean> {
  const epoch = progress.epoch + 1;
  const due = epoch % validateEvery === 0 || epoch === epochs;
  const report =
    validation && due ? yield* validate(detector, validation, { proposals, signal }, epoch) : undefined;
  if (report && report.images + report.skipped < validation!.length) return false;
  const best = report !== undefined && report.ap50 > progress.bestAp50;
  if (best) progress.bestAp50 = report.ap50;
  const { total, classification, boxRegression } = progress.lossSums;
  const losses = {
    total: total / steps,
    classification: classification / steps,
    boxRegression: boxRegression / steps,
  };
  Object.assign(progress, { epoch, step: 0, order: [], lossSums: noLosses() });
  yield { type: 'epoch', epoch, epochs, losses, validation: report, best };
  return true;
}

async function* validate(
  detector: FastRCNN,
  validation: Dataset,
  options: EvaluateOptions,
  epoch: number,
): AsyncGenerator<TrainEvent, Report> {
  const events = evaluate(detector, validation, options);
  for (;;) {
    const next = await events.next();
    if (next.done) return next.value;
    if (next.value.type === 'image')
      yield { type: 'validation', epoch, done: next.value.done, total: next.value.total };
  }
}

/** Labels are positions in the class list, so the two lists must be the same. */
function checkClasses(detector: FastRCNN, dataset: Dataset): void {
  const [expected, got] = [detector.config.classes.join(', '), dataset.classes.join(', ')];
  if (expected !== got) {
    throw new RangeError(
      `train: the dataset's classes must be the detector's (${expected}), in that order, got ${got}`,
    );
  }
}

function shuffled(indices: number[], random: () => number): number[] {
  for (let i = indices.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [indices[i], indices[j]] = [indices[j]!, indices[i]!];
  }
  return indices;
}

function newProgress(): TrainProgress {
  return { epoch: 0, step: 0, order: [], lossSums: noLosses(), bestAp50: -1 };
}

function noLosses(): Losses {
  return { total: 0, classification: 0, boxRegression: 0 };
}

function addTo(sums: Losses, losses: Losses): void {
  sums.total += losses.total;
  sums.classification += losses.classification;
  sums.boxRegression += losses.boxRegression;
}
