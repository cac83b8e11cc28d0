import * as tf from '@tensorflow/tfjs-core';
import { registerReluGradients } from './reluGrad';

/** The part of tfjs-node's backend that runs any op of libtensorflow. */
interface NodeBackend {
  binding: { TF_ATTR_TYPE: number; TF_FLOAT: number };
  executeSingleOutput(op: string, attrs: object[], inputs: tf.TensorInfo[]): tf.TensorInfo;
}

/** TensorFlow has relu's gradient as an op; tfjs-node makes it of six others, a fifth of a training step. */
export function registerTensorflowReluGrad(): void {
  if (tf.getKernel('ReluGrad', 'tensorflow') !== undefined) return;
  tf.registerKernel({
    kernelName: 'ReluGrad',
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, backend }) => {
      const node = backend as NodeBackend;
      const type = { name: 'T', type: node.binding.TF_ATTR_TYPE, value: node.binding.TF_FLOAT };
      return node.executeSingleOutput('ReluGrad', [type], [inputs['dy']!, inputs['x']!]);
    },
  });
  registerReluGradients();
}
