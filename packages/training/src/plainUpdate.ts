import * as tf from '@tensorflow/tfjs-core';
import type { Parameter } from './parameter';
import { MOMENTS, type Update, type UpdateRule, type UpdateType } from './update';
import { adamwUpdate, sgdUpdate } from './updates';

/** One parameter after the other, by TensorFlow.js's operations. */
export class PlainUpdate implements Update {
  readonly #parameters: Parameter[];
  readonly #type: UpdateType;
  /** By parameter. */
  readonly #moments: tf.Variable[][];

  constructor(parameters: Parameter[], type: UpdateType) {
    this.#parameters = parameters;
    this.#type = type;
    this.#moments = parameters.map(({ variable }) =>
      Array.from({ length: MOMENTS[type] }, () => tf.tidy(() => tf.variable(tf.zerosLike(variable), false))),
    );
  }

  apply(gradients: tf.Tensor[], { scale, rates, weightDecays, ...rule }: UpdateRule): void {
    for (const [i, { variable }] of this.#parameters.entries()) {
      tf.tidy(() => {
        const scaled = scale === 1 ? gradients[i]! : tf.mul(gradients[i]!, scale);
        const moved = { variable, moments: this.#moments[i]! };
        const own = { ...rule, rate: rates[i]!, weightDecay: weightDecays[i]! };
        if (this.#type === 'sgd') sgdUpdate(moved, scaled, own);
        else adamwUpdate(moved, scaled, own);
      });
    }
  }

  read(): Promise<Float32Array[][]> {
    const read = async (moment: tf.Variable) => ((await moment.data()) as Float32Array).slice();
    return Promise.all(this.#moments.map((moments) => Promise.all(moments.map(read))));
  }

  write(values: Float32Array[][]): void {
    for (const [i, moments] of this.#moments.entries()) {
      for (const [j, moment] of moments.entries())
        tf.tidy(() => moment.assign(tf.tensor(values[i]![j]!, moment.shape)));
    }
  }

  dispose(): void {
    tf.dispose(this.#moments);
  }
}
