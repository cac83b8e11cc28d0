import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';

export type Shape4D = [number, number, number, number];

/** What the attributes of convolutions and of their gradients have in common; the stock gradients of conv2d have no dilations. */
export interface ConvolutionAttrs {
  strides: number | [number, number];
  pad: 'same' | 'valid' | number | backend_util.ExplicitPadding;
  dilations?: number | [number, number];
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  dataFormat?: string;
}

/** On webgpu, of dy's shape: dy counts where it is above 0 only. The output of a convolution that ended with a relu. */
interface Gate {
  gate?: TensorInfo;
}

/** What a kernel of the gradient with respect to the filter is given. */
export interface FilterGradient<Backend> {
  inputs: Record<'x' | 'dy', TensorInfo> & Gate;
  backend: Backend;
  attrs: ConvolutionAttrs & { filterShape: Shape4D };
}

/** … and of the gradient with respect to the input. */
export interface InputGradient<Backend> {
  inputs: Record<'dy' | 'filter', TensorInfo> & Gate;
  backend: Backend;
  attrs: ConvolutionAttrs & { inputShape: Shape4D };
}

/** The sizes of a convolution. */
export function convolutionOf(
  kind: 'conv2d' | 'depthwise',
  input: readonly number[],
  filter: readonly number[],
  { strides, pad, dilations = 1, dimRoundingMode, dataFormat = 'NHWC' }: ConvolutionAttrs,
): backend_util.Conv2DInfo {
  // The kernels here know one layout, the one that the package uses.
  if (dataFormat !== 'NHWC') throw new Error(`${kind}: dataFormat must be NHWC here, got ${dataFormat}`);
  return backend_util.computeConv2DInfo(
    input as Shape4D,
    filter as Shape4D,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    kind === 'depthwise',
  );
}

/** Sizes of a convolution in the order that the functions of assembly/ take them, after their three pointers. */
export function geometryOf(info: backend_util.Conv2DInfo): number[] {
  // Channels out of a full convolution, the channel multiplier of a depthwise one.
  const perInput = info.filterShape[3];
  const input = [info.batchSize, info.inHeight, info.inWidth, info.inChannels];
  const output = [info.outHeight, info.outWidth, perInput];
  const filter = [info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth];
  const placement = [info.dilationHeight, info.dilationWidth, info.padInfo.top, info.padInfo.left];
  return [...input, ...output, ...filter, ...placement];
}
