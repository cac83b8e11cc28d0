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
