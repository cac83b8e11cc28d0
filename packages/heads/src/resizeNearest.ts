import * as tf from '@tensorflow/tfjs-core';

/**
 * Nearest neighbours to any size, source index = ⌊dst · in/out⌋ (PyTorch's `nearest`). The gradient is ours, each
 * source cell's being the sum over the cells made of it: TensorFlow.js's own is right on some backends only where `out`
 * is a multiple of `in`.
 */
export function resizeNearest(x: tf.Tensor4D, [height, width]: [number, number]): tf.Tensor4D {
  const resize = tf.customGrad((input, save) => {
    (save as tf.GradSaveFunc)([]);
    const given = input as tf.Tensor4D;
    const [images, h, w, channels] = given.shape;
    const gradFunc = (dy: tf.Tensor) =>
      tf.tidy(() => {
        const rows = tf.tile(copiesOf(h, height), [images, 1, 1]); // [N, h, height]
        const summed = tf.matMul(rows, tf.reshape(dy, [images, height, width * channels]));
        const columns = tf.tile(copiesOf(w, width), [images * h, 1, 1]); // [N·h, w, width]
        const both = tf.matMul(columns, tf.reshape(summed, [images * h, width, channels]));
        return tf.reshape(both, [images, h, w, channels]);
      });
    return { value: tf.image.resizeNearestNeighbor(given, [height, width]), gradFunc };
  });
  return resize(x) as tf.Tensor4D;
}

/** `[1, from, to]`: 1 where cell `to` is a copy of cell `from`. */
function copiesOf(from: number, to: number): tf.Tensor3D {
  const copies = new Float32Array(from * to);
  for (let d = 0; d < to; d++) copies[Math.floor((d * from) / to) * to + d] = 1;
  return tf.tensor3d(copies, [1, from, to]);
}
