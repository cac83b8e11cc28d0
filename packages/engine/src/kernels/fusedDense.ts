import * as tf from '@tensorflow/tfjs-core';
import { registerFusedLayer } from './fusedLayer';
import { run } from './overrideGradient';

/** A dense layer that is trained on webgpu as one dispatch forward, and as two backward. */
export const registerFusedDense = (): void =>
  registerFusedLayer({
    className: 'Dense',
    kernelName: '_FusedMatMul',
    names: { x: 'a', weights: 'b' },
    canFuse: (_, x) => x.rank === 2,
    attrs: () => ({ transposeA: false, transposeB: false }),
    inputGradient: ({ weights, through }) => run('DenseBackpropInput', { ...through, weights }, {}),
    weightGradients: ({ x, through }) => tf.engine().runKernel('DenseBackpropWeights', { x, ...through }),
  });
