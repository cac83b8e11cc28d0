import * as tf from '@tensorflow/tfjs-core';

/**
 * The rows of `x` `[N, …]` at distinct `indices`. `tf.gather`'s gradient sums over segments, which costs
 * N × indices on some backends; with no row twice it is a scatter.
 */
export function gatherRows<T extends tf.Tensor>(x: T, indices: Int32Array): T {
  const gather = tf.customGrad((input, save) => {
    (save as tf.GradSaveFunc)([]);
    const given = input as tf.Tensor;
    const rows = tf.tensor1d(indices, 'int32');
    const value = tf.gather(given, rows);
    rows.dispose();
    const gradFunc = (dy: tf.Tensor) =>
      tf.tidy(() =>
        tf.scatterND(tf.tensor2d(indices, [indices.length, 1], 'int32'), dy, given.shape as never),
      );
    return { value, gradFunc };
  });
  return gather(x) as T;
}
