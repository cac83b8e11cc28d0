import type { SeededRandom } from '@roikit/geometry';
import type { StateDict } from '@roikit/weights';
import { prefixed, withPrefix } from './checkpoint';
import type { TrainEvent } from './events';
import { gradientStep, type LossTerms } from './gradientStep';
import { Optimizer, type OptimizerOptions } from './optimizer';
import type { NamedVariables, ParameterGroup } from './parameter';
import { parseOptions } from './parseOptions';
import type { Phase, PhaseContext } from './phases';
import { addLosses, meanLosses, newProgress, packProgress, unpackProgress, type Progress } from './progress';
import { scheduleFactor, scheduleOptions, type ScheduleOptions } from './schedule';
import { shuffled } from './shuffled';
import { readVariables, writeVariables } from './variables';
import { WeightAverage } from './weightAverage';

/** What is learned, from what: the part of gradient descent that a detector or a classifier brings. */
export interface LearningTask<Batch, Report> {
  /** What an epoch goes through, such as indices of samples. */
  items: readonly number[];
  /** What is trained, and at which rates. */
  groups: readonly ParameterGroup[];
  /** Every weight that may move, for the average and the best: batch norm's statistics move without gradients. */
  variables: NamedVariables;
  /** Reads, augments and samples a step's items; all that is random happens here, or in layers given the same generator. */
  prepare(items: readonly number[], random: () => number): Promise<Batch>;
  /** Differentiable; undefined where the batch has nothing to learn from. */
  losses(batch: Batch): LossTerms;
  /**
   * Parts of a batch that go through the network one after the other, so that it fits into memory; their losses add up to
   * the batch's. @default the batch
   */
  shares?(batch: Batch): readonly Batch[];
  /** Whether a batch has anything to learn from. @default always */
  isEmpty?(batch: Batch): boolean;
  /** What a person calls an item: a picture's name. */
  nameOf(item: number): string;
  /** Names of what a batch was made of. @default its items' */
  namesIn?(batch: Batch): readonly string[];
  /** Of weights that are trained in other units than they are used in. @default none */
  units?: TrainedUnits;
  /** Measures the weights as they are; undefined where the signal cut it short. A higher score is better. */
  validate?(): AsyncGenerator<{ done: number; total: number }, { score: number; report: Report } | undefined>;
}

/** Weights that are trained in other units than they are used in: a predictor of normalised targets. */
export interface TrainedUnits {
  /**
   * Puts them in the units they are trained in; after `leave` they are bit for bit what they were.
   *
   * @param options `resumed`: they come from a checkpoint, and are in those units already
   */
  enter(options?: { resumed: boolean }): void;
  /** Puts them in the units they are used in; does nothing where they are. */
  leave(): void;
  /** Frees what `enter` would have needed. */
  dispose(): void;
}

export interface GradientDescentOptions {
  /** The phase's name in events. */
  phase: string;
  epochs: number;
  /** Items a step. */
  batchSize: number;
  /** Whether a smaller last batch is left out, as batch norm wants it. @default false every item is seen */
  dropLast?: boolean;
  optimizer?: OptimizerOptions;
  schedule?: ScheduleOptions;
  /** Decay of a moving average of the weights, which is then what is validated and kept. @default none */
  ema?: number;
  /** Ends after so many validations without a better score, and keeps the best weights. @default never */
  patience?: number;
  /** @default 1 */
  validateEvery?: number;
  random: SeededRandom;
}

/** Gradient descent over epochs, as a phase of a training run. */
export class GradientDescent<Batch, Report> implements Phase<Report> {
  private readonly task: LearningTask<Batch, Report>;
  private readonly options: GradientDescentOptions;
  private readonly optimizer: Optimizer;
  private readonly average: WeightAverage | undefined;
  private readonly stepsPerEpoch: number;
  private progress: Progress = newProgress();
  /** Weights of the best epoch, where early stopping may need them. */
  private best: StateDict = new Map();

  constructor(task: LearningTask<Batch, Report>, options: GradientDescentOptions) {
    const { batchSize, dropLast = false, ema } = options;
    this.task = task;
    const schedule = options.schedule && parseOptions('GradientDescent', scheduleOptions, options.schedule);
    this.options = { ...options, schedule };
    this.stepsPerEpoch = (dropLast ? Math.floor : Math.ceil)(task.items.length / batchSize);
    this.optimizer = new Optimizer(task.groups, options.optimizer);
    this.average = ema === undefined ? undefined : new WeightAverage(task.variables, ema);
  }

  async *run({ signal, save, resumed }: PhaseContext<Report>): AsyncGenerator<TrainEvent<Report>, boolean> {
    const { phase, epochs } = this.options;
    const { progress, stepsPerEpoch } = this;
    this.enterUnits(resumed);
    yield { type: 'start', phase, epoch: progress.epoch, epochs, stepsPerEpoch, resumed };
    while (progress.epoch < epochs && !this.isStuck()) {
      yield* this.epoch(signal);
      const closed = progress.step === stepsPerEpoch && (yield* this.closeEpoch());
      yield* save();
      if (!closed) return false;
    }
    this.average?.swap();
    this.task.units?.leave();
    if (this.best.size > 0) writeVariables(this.task.variables, this.best);
    if (this.isStuck()) yield { type: 'earlyStop', phase, epoch: progress.epoch, best: progress.bestEpoch };
    return true;
  }

  async state(): Promise<StateDict> {
    return new Map([
      ...packProgress(this.progress),
      ...prefixed('optimizer.', await this.optimizer.state()),
      ...prefixed('average.', (await this.average?.state()) ?? new Map()),
      ...prefixed('best.', this.best),
    ]);
  }

  restore(state: StateDict): void {
    this.progress = unpackProgress(state);
    const { epochs } = this.options;
    if (this.progress.epoch > epochs) {
      throw new RangeError(
        `train: epochs must be at least the ${this.progress.epoch} that the checkpoint has behind it, got ${epochs}`,
      );
    }
    this.optimizer.restore(withPrefix(state, 'optimizer.'));
    this.average?.restore(withPrefix(state, 'average.'));
    this.best = withPrefix(state, 'best.');
  }

  /** Frees the optimizer's and the average's tensors; the trainee's stay, as they are used. */
  dispose(): void {
    this.task.units?.leave();
    this.task.units?.dispose();
    this.optimizer.dispose();
    this.average?.dispose();
  }

  private enterUnits(resumed: boolean): void {
    const { units } = this.task;
    units?.enter({ resumed });
    if (units && !resumed) this.average?.restart(); // in the same units
  }

  /** Steps until the epoch's end, or until the signal. */
  private async *epoch(signal?: AbortSignal): AsyncGenerator<TrainEvent<Report>> {
    const { progress, stepsPerEpoch, task } = this;
    const { phase, epochs, random, batchSize } = this.options;
    // Not "step is 0": a run stopped between two epochs has drawn its order already.
    if (progress.order.length === 0) progress.order = shuffled(task.items, random);
    while (progress.step < stepsPerEpoch && !signal?.aborted) {
      const started = performance.now();
      const items = progress.order.slice(progress.step * batchSize, (progress.step + 1) * batchSize);
      const learningRate = this.learningRate();
      const losses = await this.step(items, learningRate);
      progress.step++;
      addLosses(progress.lossSums, losses);
      const milliseconds = performance.now() - started;
      const { step } = progress;
      const epoch = progress.epoch + 1;
      yield { type: 'step', phase, epoch, epochs, step, stepsPerEpoch, losses, learningRate, milliseconds };
      await new Promise((resolve) => setTimeout(resolve)); // lets signal handlers and timers run
    }
  }

  private async step(items: readonly number[], learningRate: number) {
    const { task, progress } = this;
    const batch = await task.prepare(items, this.options.random);
    if (task.isEmpty?.(batch)) return { total: 0 };
    const pictures = () => (task.namesIn?.(batch) ?? items.map((item) => task.nameOf(item))).join(', ');
    const where = () => `epoch ${progress.epoch + 1}, step ${progress.step + 1} (${pictures()})`;
    const shares = task.shares?.(batch) ?? [batch];
    const forwards = shares.map((share) => () => task.losses(share));
    const losses = await gradientStep(this.optimizer, forwards, { learningRate, where });
    this.average?.update();
    return losses;
  }

  private learningRate(): number {
    const { epochs, schedule } = this.options;
    const position = this.progress.epoch * this.stepsPerEpoch + this.progress.step;
    return this.optimizer.learningRate * scheduleFactor(position, epochs * this.stepsPerEpoch, schedule);
  }

  /** Validates where due, and moves on to the next epoch; false where a signal cut the validation short. */
  private async *closeEpoch(): AsyncGenerator<TrainEvent<Report>, boolean> {
    const { progress, task, stepsPerEpoch } = this;
    const { phase, epochs, validateEvery = 1 } = this.options;
    const epoch = progress.epoch + 1;
    const due = task.validate !== undefined && (epoch % validateEvery === 0 || epoch === epochs);
    this.average?.swap(); // the averaged weights are what is validated, and what a listener to the event saves
    task.units?.leave();
    try {
      const validation = due ? yield* this.validate(epoch) : undefined;
      if (due && validation === undefined) return false;
      const { score, report } = validation ?? {};
      const best = score !== undefined && score > progress.bestScore;
      if (best) await this.keepBest(epoch, score);
      const losses = meanLosses(progress.lossSums, stepsPerEpoch);
      Object.assign(progress, { epoch, step: 0, order: [], lossSums: { total: 0 } });
      yield { type: 'epoch', phase, epoch, epochs, losses, score, validation: report, best };
    } finally {
      task.units?.enter();
      this.average?.swap();
    }
    return true;
  }

  private async *validate(epoch: number) {
    const { phase } = this.options;
    const events = (this.task.validate as NonNullable<typeof this.task.validate>)();
    for (;;) {
      const next = await events.next();
      if (next.done) return next.value;
      yield { type: 'validation' as const, phase, epoch, ...next.value };
    }
  }

  private async keepBest(epoch: number, score: number): Promise<void> {
    Object.assign(this.progress, { bestScore: score, bestEpoch: epoch });
    if (this.options.patience !== undefined) this.best = await readVariables(this.task.variables);
  }

  /** Whether the score has not risen for `patience` validations. */
  private isStuck(): boolean {
    const { patience, validateEvery = 1 } = this.options;
    const { epoch, bestEpoch } = this.progress;
    return patience !== undefined && bestEpoch > 0 && epoch - bestEpoch >= patience * validateEvery;
  }
}
