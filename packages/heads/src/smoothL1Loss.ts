import * as tf from '@tensorflow/tfjs-core';
import { lossKernel } from './lossKernel';

export interface SmoothL1Options {
  /** Where it turns from square to linear, 1/σ². @default 1 Fast R-CNN Eq. 3; Faster R-CNN has 1/9 */
  beta?: number;
}

/**
 * Smooth L1, summed over all elements (Fast R-CNN Eq. 3, in torchvision's form):
 * 0.5 d²/beta where |d| < beta, else |d| − 0.5 beta. Its gradient is written out: on a GPU these few numbers cost what
 * their operations count.
 *
 * @throws RangeError where the shapes differ
 */
export function smoothL1Loss(
  predicted: tf.Tensor,
  target: tf.Tensor,
  { beta = 1 }: SmoothL1Options = {},
): tf.Scalar {
  if (!tf.util.arraysEqual(predicted.shape, target.shape)) {
    throw new RangeError(
      `smoothL1Loss: predicted and target must have one shape, got [${predicted.shape}] and [${target.shape}]`,
    );
  }
  const inputs = { predicted, target };
  return lossKernel('SmoothL1Loss', inputs, { beta }) ?? smoothL1LossByOps(predicted, target, beta);
}

function smoothL1LossByOps(predicted: tf.Tensor, target: tf.Tensor, beta: number): tf.Scalar {
  const loss = tf.customGrad((...inputs) => {
    const [a, b, save] = inputs as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const difference = tf.sub(a, b);
    const inner = tf.clipByValue(difference, -beta, beta);
    save([inner]);
    // One expression for both branches: inner is d, or ±beta.
    const values = tf.mul(inner, tf.sub(difference, tf.mul(inner, 0.5)));
    const gradFunc = (dy: tf.Tensor, [inner]: tf.Tensor[]) => {
      const gradient = tf.mul(inner!, tf.div(dy, beta));
      return [gradient, tf.neg(gradient)];
    };
    return { value: tf.div(tf.sum(values), beta), gradFunc };
  });
  return tf.tidy(() => loss(predicted, target) as tf.Scalar);
}
