import * as tf from '@tensorflow/tfjs-core';

type Attrs = tf.NamedAttrMap;

/**
 * Gradients are registered once for all backends. On `backends` this one is `gradFunc` where it returns something; it
 * is what it was on the others and for the cases that `gradFunc` leaves.
 */
export function overrideGradient(
  kernelName: string,
  gradFunc: (dy: tf.Tensor, saved: tf.Tensor[], attrs: Attrs) => Record<string, () => tf.Tensor> | undefined,
  backends: readonly string[] = ['wasm'],
): void {
  const stock = tf.getGradient(kernelName);
  if (stock === undefined)
    throw new Error(`overrideGradient: tfjs-core's gradient of ${kernelName} is not registered yet`);
  tf.unregisterGradient(kernelName);
  tf.registerGradient({
    ...stock,
    gradFunc(dy, saved, attrs) {
      const ours = backends.includes(tf.getBackend()) ? gradFunc(dy as tf.Tensor, saved, attrs) : undefined;
      return ours ?? stock.gradFunc(dy, saved, attrs);
    },
  });
}

/** Runs a kernel that has one output. */
export function run(kernelName: string, inputs: tf.NamedTensorMap, attrs: Attrs): tf.Tensor {
  return tf.engine().runKernel(kernelName, inputs, attrs);
}
