import { mulberry32 } from '@roikit/geometry';
import type { StateDict } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import {
  GradientDescent,
  readVariables,
  runPhases,
  writeVariables,
  type GradientDescentOptions,
  type LearningTask,
  type PhaseEntry,
  type RunPhasesOptions,
  type Trainee,
  type TrainEvent,
} from '../src';

/** Fits y = w · x to noisy lines: as small a task as has order, noise and an optimum. */
export class Toy implements Trainee {
  readonly w = tf.variable(tf.tensor1d([0, 0]), true);
  readonly variables = new Map([['w', this.w]]);

  stateDict(): Promise<StateDict> {
    return readVariables(this.variables);
  }

  load(state: StateDict): void {
    writeVariables(this.variables, state);
  }

  values(): number[] {
    return Array.from(this.w.dataSync());
  }

  task(extra: Partial<LearningTask<tf.Tensor2D, string>> = {}): LearningTask<tf.Tensor2D, string> {
    return {
      items: [0, 1, 2, 3, 4],
      groups: [{ variables: this.variables, factor: 1 }],
      variables: this.variables,
      nameOf: (item) => `sample-${item}`,
      prepare: async (items, random) => tf.tensor2d(items.map((item) => [item - 2, random()])),
      losses: (x) => {
        const predicted = tf.dot(x, this.w);
        const target = tf.reshape(tf.add(tf.mul(tf.slice(x, [0, 0], [-1, 1]), 3), 0.5), [-1]);
        return {
          fit: tf.mean(tf.square(tf.sub(predicted, target))) as tf.Scalar,
          size: tf.mul(tf.sum(tf.square(this.w)), 0.01) as tf.Scalar,
        };
      },
      ...extra,
    };
  }
}

function toyOptions(extra: Partial<GradientDescentOptions> = {}): GradientDescentOptions {
  return {
    phase: 'fit',
    epochs: 3,
    batchSize: 2,
    optimizer: { type: 'sgd', learningRate: 0.05 },
    random: mulberry32(4),
    ...extra,
  };
}

export interface ToyRun extends Partial<RunPhasesOptions> {
  options?: Partial<GradientDescentOptions>;
  task?: Partial<LearningTask<tf.Tensor2D, string>>;
}

export function toyRun(toy: Toy, { options, task, ...run }: ToyRun = {}): AsyncGenerator<TrainEvent<string>> {
  const all = toyOptions({ ...options, ...(run.random && { random: run.random }) });
  const entry: PhaseEntry<string> = { name: 'fit', create: () => new GradientDescent(toy.task(task), all) };
  return runPhases(toy, [entry], { settings: { rate: 1 }, random: all.random, ...run });
}

/** Validation whose scores are given, one an epoch. */
export function scripted(scores: readonly number[], seen: number[][] = [], toy?: Toy) {
  let round = 0;
  return async function* () {
    yield { done: 1, total: 2 };
    if (toy) seen.push(toy.values());
    yield { done: 2, total: 2 };
    const score = scores[round++] as number;
    return { score, report: `report ${round}` };
  };
}
