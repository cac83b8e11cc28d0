import * as tf from '@tensorflow/tfjs-layers';

/** A seed for one of TensorFlow.js's initializers. */
export function seedOf(random: () => number): number {
  return Math.floor(random() * 0x7fffffff);
}

/** N(0, stddev); zeros without `random`, for weights that are loaded. */
export function normal(stddev: number, random?: () => number) {
  return random ? tf.initializers.randomNormal({ mean: 0, stddev, seed: seedOf(random) }) : 'zeros';
}
