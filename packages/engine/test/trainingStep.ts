import * as tf from '@tensorflow/tfjs-core';
import { randomTensor } from './cases';

/** Gradients of one training step of a small network with every kind of layer a backbone has. */
export function trainingStep(): tf.Tensor[] {
  return tf.tidy(() => {
    const x = randomTensor([1, 6, 6, 3], 1) as tf.Tensor4D;
    const loss = (filter: tf.Tensor, depthwise: tf.Tensor, weights: tf.Tensor) => {
      const a = tf.relu(tf.conv2d(x, filter as tf.Tensor4D, 1, 'same'));
      const b = tf.maxPool(a as tf.Tensor4D, 3, 2, 'same');
      const c = tf.relu6(tf.depthwiseConv2d(b, depthwise as tf.Tensor4D, 1, 'same'));
      const joined = tf.reshape(tf.concat([b, c], 3), [1, -1]);
      return tf.mean(tf.square(tf.matMul(joined, weights))) as tf.Scalar;
    };
    const weights = [
      randomTensor([3, 3, 3, 8], 2),
      randomTensor([3, 3, 8, 1], 3),
      randomTensor([3 * 3 * 16, 4], 4),
    ];
    return tf.grads(loss)(weights as never);
  });
}

/** The gradients' values, on the current backend. */
export async function trainingGradients(): Promise<Float32Array[]> {
  const gradients = trainingStep();
  const values = await Promise.all(gradients.map((gradient) => gradient.data<'float32'>()));
  tf.dispose(gradients);
  return values;
}
