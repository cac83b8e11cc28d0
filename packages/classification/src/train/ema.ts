import type { StateDict } from '@roikit/weights';
import { toFloat32 } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { variableOf } from './sgd';

/** Moving averages of all weights, which often classify better than the last ones (Polyak averaging). */
export class WeightAverage {
  private readonly pairs: { name: string; variable: tf.Variable; average: tf.Variable }[];
  private readonly decay: number;

  constructor(model: tfl.LayersModel, decay: number) {
    this.decay = decay;
    this.pairs = model.weights.map((weight) => {
      const variable = variableOf(weight);
      return {
        name: weight.originalName,
        variable,
        average: tf.tidy(() => tf.variable(variable.clone(), false)),
      };
    });
  }

  update(): void {
    for (const { variable, average } of this.pairs) {
      tf.tidy(() => average.assign(tf.add(tf.mul(average, this.decay), tf.mul(variable, 1 - this.decay))));
    }
  }

  /** Exchanges the model's weights and their averages; a second call exchanges them back. */
  swap(): void {
    for (const { variable, average } of this.pairs) {
      tf.tidy(() => {
        const kept = variable.clone();
        variable.assign(average.clone());
        average.assign(kept);
      });
    }
  }

  async state(): Promise<StateDict> {
    const state: StateDict = new Map();
    for (const { name, average } of this.pairs) {
      const data = (await average.data()) as Float32Array;
      state.set(name, { dtype: 'float32', shape: average.shape, data: data.slice() });
    }
    return state;
  }

  restore(state: StateDict): void {
    for (const { name, average } of this.pairs) {
      const saved = state.get(name);
      if (!saved)
        throw new RangeError(`trainClassifier: the checkpoint has no average of ${name}; was ema on?`);
      tf.tidy(() => average.assign(tf.tensor(toFloat32(saved), average.shape)));
    }
  }

  dispose(): void {
    for (const { average } of this.pairs) average.dispose();
  }
}
