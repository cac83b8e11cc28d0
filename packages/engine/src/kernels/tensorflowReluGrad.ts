import * as tf from '@tensorflow/tfjs-core';
import type { NodeBackend } from './nodeBackend';
import { floatAttr } from './nodeBackend';
import { registerReluGradients } from './reluGrad';

/** TensorFlow has relu's gradient as an op; tfjs-node makes it of six others, a fifth of a training step. */
export function registerTensorflowReluGrad(): void {
  if (tf.getKernel('ReluGrad', 'tensorflow') !== undefined) return;
  tf.registerKernel({
    kernelName: 'ReluGrad',
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, backend }) => {
      const node = backend as NodeBackend;
      return node.executeSingleOutput('ReluGrad', [floatAttr(node)], [inputs['dy']!, inputs['x']!]);
    },
  });
  registerReluGradients();
}
