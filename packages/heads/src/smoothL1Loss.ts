import * as tf from '@tensorflow/tfjs-core';

export interface SmoothL1Options {
  /** Where it turns from square to linear, 1/σ². @default 1 Fast R-CNN Eq. 3; Faster R-CNN has 1/9 */
  beta?: number;
}

/**
 * Smooth L1, summed over all elements (Fast R-CNN Eq. 3, in torchvision's form):
 * 0.5 d²/beta where |d| < beta, else |d| − 0.5 beta.
 */
export function smoothL1Loss(
  predicted: tf.Tensor,
  target: tf.Tensor,
  { beta = 1 }: SmoothL1Options = {},
): tf.Scalar {
  return tf.tidy(() => {
    const distance = tf.abs(tf.sub(predicted, target));
    const inner = tf.minimum(distance, beta); // d where |d| < beta, else beta
    // 0.5 inner²/beta + (distance − inner): one expression for both branches.
    const loss = tf.add(tf.mul(tf.square(inner), 0.5 / beta), tf.sub(distance, inner));
    return tf.sum(loss) as tf.Scalar;
  });
}
