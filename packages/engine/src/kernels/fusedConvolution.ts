import * as tf from '@tensorflow/tfjs-core';
import { registerFusedLayer, type WeightedLayer } from './fusedLayer';
import { run } from './overrideGradient';

/** tfjs-layers' Conv2D, as far as it is used here. */
interface ConvolutionLayer extends WeightedLayer {
  strides: [number, number];
  padding: string;
  dilationRate: [number, number];
  dataFormat: string;
}

/** A convolution layer that is trained on webgpu as one dispatch forward. */
export const registerFusedConvolution = (): void =>
  registerFusedLayer<ConvolutionLayer>({
    className: 'Conv2D',
    kernelName: 'FusedConv2D',
    names: { x: 'x', weights: 'filter' },
    canFuse: ({ dataFormat, padding }) => dataFormat === 'channelsLast' && padding !== 'causal',
    attrs: ({ strides, padding, dilationRate }) => ({
      strides,
      pad: padding,
      dilations: dilationRate,
      dataFormat: 'NHWC',
    }),
    inputGradient: ({ x, weights, through }, attrs) =>
      run('Conv2DBackpropInput', { ...through, filter: weights }, { ...attrs, inputShape: x.shape }),
    weightGradients: ({ x, weights, through }, attrs) =>
      tf
        .engine()
        .runKernel('FusedConv2DBackpropFilter', { x, ...through }, { ...attrs, filterShape: weights.shape }),
  });
