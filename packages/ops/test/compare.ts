import * as tf from '@tensorflow/tfjs-core';

/** The golden script's dy: element i is ((37 i) mod 31 − 15) / 16. */
export function upstream(shape: number[]): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => (((37 * i) % 31) - 15) / 16),
    shape,
  );
}

/** The largest difference; infinite where lengths differ or a value is NaN. */
export function maxError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    if (!(error <= worst)) worst = Number.isNaN(error) ? Infinity : error;
  }
  return worst;
}

export type RegionOp = (features: tf.Tensor4D, boxes: tf.Tensor2D, boxIndices: tf.Tensor1D) => tf.Tensor;
