import { toFloat32, type StateDict } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedVariables } from './parameter';

/** Exponential moving average of weights, which often predict better than the last ones (Polyak averaging). */
export class WeightAverage {
  private readonly pairs: { name: string; variable: tf.Variable; average: tf.Variable }[];
  private readonly decay: number;

  /** @param decay share of the average that a step keeps, such as 0.999 */
  constructor(variables: NamedVariables, decay: number) {
    if (!(decay >= 0 && decay < 1))
      throw new RangeError(`WeightAverage: decay must lie in [0, 1), got ${decay}`);
    this.decay = decay;
    this.pairs = [...variables].map(([name, variable]) => ({
      name,
      variable,
      average: tf.tidy(() => tf.variable(variable.clone(), false)),
    }));
  }

  /** Begins anew with the weights as they are. */
  restart(): void {
    for (const { variable, average } of this.pairs) tf.tidy(() => average.assign(variable.clone()));
  }

  /** Moves the average a step towards the weights. */
  update(): void {
    for (const { variable, average } of this.pairs) {
      tf.tidy(() => average.assign(tf.add(tf.mul(average, this.decay), tf.mul(variable, 1 - this.decay))));
    }
  }

  /** Exchanges the weights and their averages; a second call exchanges them back. */
  swap(): void {
    for (const { variable, average } of this.pairs) {
      tf.tidy(() => {
        const kept = variable.clone();
        variable.assign(average.clone());
        average.assign(kept);
      });
    }
  }

  /** The averages by their variables' names, for a checkpoint. */
  async state(): Promise<StateDict> {
    const state: StateDict = new Map();
    for (const { name, average } of this.pairs) {
      const data = ((await average.data()) as Float32Array).slice();
      state.set(name, { dtype: 'float32', shape: average.shape, data });
    }
    return state;
  }

  /** @throws RangeError where the state has no average of a variable, or one of another size */
  restore(state: StateDict): void {
    for (const { name, average } of this.pairs) {
      const saved = state.get(name);
      if (saved?.data.length !== average.size)
        throw new RangeError(`train: the checkpoint has no fitting average of ${name}; was ema on?`);
      tf.tidy(() => average.assign(tf.tensor(toFloat32(saved), average.shape)));
    }
  }

  /** Frees the average; the weights stay. */
  dispose(): void {
    for (const { average } of this.pairs) average.dispose();
  }
}
