import * as tf from '@tensorflow/tfjs-core';

/**
 * A loss as one kernel with its gradient, where the engine has it: `@roikit/engine` registers them on webgpu, where these
 * few numbers cost what their operations count. Undefined where there is none, or nothing to add up.
 */
export function lossKernel(
  name: 'SoftmaxLoss' | 'SmoothL1Loss',
  inputs: tf.NamedTensorMap,
  attrs: tf.NamedAttrMap = {},
): tf.Scalar | undefined {
  const isEmpty = Object.values(inputs).some(({ size }) => size === 0); // tensors without elements fail on GPUs
  if (isEmpty || tf.getKernel(name, tf.getBackend()) === undefined) return undefined;
  return tf.engine().runKernel(name, inputs, attrs) as tf.Scalar;
}
