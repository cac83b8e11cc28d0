import type { SymbolicTensor } from '../options';
import type { Activation, Conv2dOptions } from './basic';
import { activate, batchNorm, conv2d, depthwiseConv2d } from './basic';

/** Names of the convolution, its batch norm and, where there is one, the activation. */
export type ConvBnNames = [conv: string, norm: string, activation?: string];

export interface ConvBnOptions extends Omit<Conv2dOptions, 'filters' | 'bias' | 'activation'> {
  /** Output channels, or one filter a channel. */
  filters: number | 'depthwise';
  /** @default none */
  activation?: Activation;
  /** Batch norm's. @default 1e-5 PyTorch's */
  epsilon?: number;
  /** Share of the old running average kept a step. @default 0.9 PyTorch's `momentum` 0.1 */
  momentum?: number;
}

/** Convolution without bias, batch norm, activation: the unit of every network since 2015. */
export function convBn(x: SymbolicTensor, names: ConvBnNames, options: ConvBnOptions): SymbolicTensor {
  const { filters, activation = 'linear', epsilon, momentum, kernelSize, stride, padding, groups } = options;
  const [conv, norm, act = `${norm}.${activation}`] = names;
  const convolved =
    filters === 'depthwise'
      ? depthwiseConv2d(x, conv, {
          kernelSize: kernelSize as number,
          stride,
          padding: padding as number | 'same',
        })
      : conv2d(x, conv, { filters, kernelSize, stride, padding, groups, bias: false });
  return activate(batchNorm(convolved, norm, epsilon, momentum), act, activation);
}

/** torchvision's `Conv2dNormActivation`: modules 0, 1 and 2 under one name; odd kernels keep the size at stride 1. */
export function convNormActivation(x: SymbolicTensor, name: string, options: ConvBnOptions): SymbolicTensor {
  const { padding = ((options.kernelSize as number) - 1) / 2 } = options;
  return convBn(x, [`${name}.0`, `${name}.1`, `${name}.2`], { ...options, padding });
}

/** Channels times a width, to a multiple of 8 but never more than a tenth below (MobileNet V2's rule). */
export function makeDivisible(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}
