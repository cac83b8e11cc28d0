import * as tf from '@tensorflow/tfjs-core';

/** Values of the tensor that `f` makes on a backend; checks that nothing is left behind. */
export async function onBackend(name: string, f: () => tf.Tensor): Promise<Float32Array> {
  await tf.setBackend(name);
  const before = tf.memory().numTensors;
  const result = f();
  const values = (await result.data()) as Float32Array;
  result.dispose();
  const left = tf.memory().numTensors - before;
  if (left !== 0) throw new Error(`${name}: ${left} tensors left behind`);
  return values;
}

/** The largest difference of two results, relative to the largest expected value; infinite where either has a NaN. */
export function largestDifference(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length)
    throw new Error(`${actual.length} values, expected ${expected.length}`);
  let difference = 0;
  let size = 1e-6;
  for (let i = 0; i < expected.length; i++) {
    const here = Math.abs(actual[i]! - expected[i]!);
    if (Number.isNaN(here)) return Infinity;
    difference = Math.max(difference, here);
    size = Math.max(size, Math.abs(expected[i]!));
  }
  return difference / size;
}
