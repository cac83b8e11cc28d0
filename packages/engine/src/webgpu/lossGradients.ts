import * as tf from '@tensorflow/tfjs-core';
import { run } from '../kernels/overrideGradient';

/** Gradients of the losses that are kernels here, and operations elsewhere (@roikit/heads). */
export function registerLossGradients(): void {
  tf.registerGradient({
    kernelName: 'SoftmaxLoss',
    inputsToSave: ['logits', 'labels'],
    gradFunc: (dy, [logits, labels]) => ({
      logits: () => run('SoftmaxLossGrad', { dy: dy as tf.Tensor, logits: logits!, labels: labels! }, {}),
    }),
  });
  tf.registerGradient({
    kernelName: 'SmoothL1Loss',
    inputsToSave: ['predicted', 'target'],
    gradFunc: (dy, [predicted, target], attrs) => {
      const gradient = () =>
        run('SmoothL1LossGrad', { dy: dy as tf.Tensor, predicted: predicted!, target: target! }, attrs);
      return { predicted: gradient, target: () => tf.neg(gradient()) };
    },
  });
}
