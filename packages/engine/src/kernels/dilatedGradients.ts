import type * as tf from '@tensorflow/tfjs-core';
import { overrideGradient, run } from './overrideGradient';

/** The kernels of each convolution's two gradients. */
const kernels = {
  Conv2D: ['Conv2DBackpropInput', 'Conv2DBackpropFilter'],
  DepthwiseConv2dNative: ['DepthwiseConv2dNativeBackpropInput', 'DepthwiseConv2dNativeBackpropFilter'],
} as const;

let registered = false;

/** The stock gradients refuse dilations; our kernels know them. */
export function registerDilatedGradients(): void {
  if (registered) return;
  registered = true;
  for (const [kernelName, [byInput, byFilter]] of Object.entries(kernels)) {
    const gradient: Parameters<typeof overrideGradient>[1] = (dy, saved, attrs) => {
      if (!isDilated(attrs['dilations'])) return undefined;
      const [x, filter] = saved as [tf.Tensor, tf.Tensor];
      return {
        x: () => run(byInput, { dy, filter }, { ...attrs, inputShape: x.shape }),
        filter: () => run(byFilter, { x, dy }, { ...attrs, filterShape: filter.shape }),
      };
    };
    overrideGradient(kernelName, gradient, ['wasm', 'webgpu']);
  }
}

function isDilated(dilations: unknown): boolean {
  return [dilations ?? 1].flat().some((dilation) => dilation !== 1);
}
