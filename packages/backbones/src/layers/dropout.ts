import { mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { SymbolicTensor } from '../options';

/**
 * Dropout whose masks come from the caller's generator: TensorFlow.js's own layer takes either a fixed seed, which
 * draws the same mask every step, or none, which no run repeats.
 */
class RandomDropout extends tfl.layers.Layer {
  static className = 'RandomDropout';
  private readonly rate: number;
  random: () => number;

  constructor(config: { name?: string; rate: number; random?: () => number }) {
    super({ name: config.name });
    this.rate = config.rate;
    this.random = config.random ?? mulberry32(0);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean }): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    if (!kwargs.training || this.rate === 0) return x;
    const seed = Math.floor(this.random() * 2 ** 31) + 1; // tfjs takes a falsy seed as none
    return tf.dropout(x, this.rate, undefined, seed);
  }

  override computeOutputShape(shape: tfl.Shape): tfl.Shape {
    return shape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate };
  }
}
tf.serialization.registerClass(RandomDropout);

/** Drops a share `rate` of the values in training and scales the others by 1 / (1 − rate). */
export function dropout(
  x: SymbolicTensor,
  name: string,
  rate: number,
  random?: () => number,
): SymbolicTensor {
  return new RandomDropout({ name, rate, random }).apply(x) as SymbolicTensor;
}

/** Gives every dropout of a model a new source of masks, such as one for each epoch. */
export function setDropoutRandom(model: tfl.LayersModel, random: () => number): void {
  for (const layer of model.layers) if (layer instanceof RandomDropout) layer.random = random;
}
