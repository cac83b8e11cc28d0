import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

/**
 * Dropout whose masks come from the caller's generator: TensorFlow.js's own layer takes either a fixed seed, which
 * draws the same mask every step, or none, which no run repeats.
 */
class RandomDropout extends tfl.layers.Layer {
  static className = 'RandomDropout';
  private readonly rate: number;
  random?: () => number;

  constructor(config: { name?: string; rate: number; random?: () => number }) {
    super({ name: config.name });
    this.rate = config.rate;
    this.random = config.random;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean }): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    if (!kwargs.training || this.rate === 0) return x;
    if (!this.random) {
      throw new Error(
        `dropout: ${this.name} must have a generator to train with, got none; ` +
          `call setDropoutRandom(model, random) first`,
      );
    }
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

/**
 * Sets a share `rate` of the values to zero in training and multiplies the others by 1 / (1 − rate) (Srivastava et al.
 * 2014, inverted); passes everything on otherwise.
 *
 * @param random where the masks come from, a new one each step; needed before training, here or by `setDropoutRandom`
 */
export function dropout(
  x: tfl.SymbolicTensor,
  { name, rate, random }: { name: string; rate: number; random?: () => number },
): tfl.SymbolicTensor {
  if (!(rate >= 0 && rate < 1)) throw new RangeError(`dropout: rate must be in [0, 1), got ${rate}`);
  return new RandomDropout({ name, rate, random }).apply(x) as tfl.SymbolicTensor;
}

/** Gives every `dropout` of a model a new source of masks, such as one for each epoch, or that of a resumed run. */
export function setDropoutRandom(model: tfl.LayersModel, random: () => number): void {
  for (const layer of model.layers) if (layer instanceof RandomDropout) layer.random = random;
}
