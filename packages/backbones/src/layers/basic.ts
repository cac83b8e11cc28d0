import * as tfl from '@tensorflow/tfjs-layers';
import type { SymbolicTensor } from '../options';
import { hardSwish } from './custom';
import { groupedConv2dLayer } from './grouped';

// PyTorch's layers out of TensorFlow.js's own, so that a saved model needs nothing but TensorFlow.js to load.

type Pair = number | [number, number];
/** What a convolution's own kernel can apply. */
export type FusedActivation = 'relu' | 'relu6' | 'linear';
export type Activation = FusedActivation | 'hardSwish';

export interface Conv2dOptions {
  filters: number;
  kernelSize: Pair;
  /** @default 1 */
  stride?: number;
  /** Zeros on each side, `[vertical, horizontal]` where they differ, or TensorFlow's rule. @default 0 */
  padding?: Pair | 'same';
  /** @default true as `nn.Conv2d` */
  bias?: boolean;
  /** Groups of channels convolved apart. @default 1 */
  groups?: number;
  /** Applied by the same kernel. @default none */
  activation?: FusedActivation;
}

function pair(value: Pair): [number, number] {
  return typeof value === 'number' ? [value, value] : value;
}

/**
 * Zeros on every side where 'same' would put them elsewhere. With stride 1 and an odd kernel 'same' is symmetric, as
 * PyTorch's padding; at stride 2 it puts the odd zero right and bottom, and outputs shift by a pixel.
 */
function padFor(x: SymbolicTensor, name: string, kernelSize: Pair, stride: number, padding: Pair | 'same') {
  if (padding === 'same') return { x, mode: 'same' as const };
  const kernel = pair(kernelSize);
  const zeros = pair(padding);
  if (zeros[0] === 0 && zeros[1] === 0) return { x, mode: 'valid' as const };
  if (stride === 1 && kernel.every((k, axis) => k === 2 * zeros[axis]! + 1))
    return { x, mode: 'same' as const };
  return { x: zeroPad(x, `${name}.pad`, zeros, zeros), mode: 'valid' as const };
}

/** Zeros `before` (top, left) and `after` (bottom, right). */
export function zeroPad(x: SymbolicTensor, name: string, before: Pair, after: Pair): SymbolicTensor {
  const [top, left] = pair(before);
  const [bottom, right] = pair(after);
  const padding: [[number, number], [number, number]] = [
    [top, bottom],
    [left, right],
  ];
  return tfl.layers.zeroPadding2d({ name, padding }).apply(x) as SymbolicTensor;
}

export function conv2d(x: SymbolicTensor, name: string, options: Conv2dOptions): SymbolicTensor {
  const {
    filters,
    kernelSize,
    stride = 1,
    padding = 0,
    bias = true,
    groups = 1,
    activation = 'linear',
  } = options;
  const padded = padFor(x, name, kernelSize, stride, padding);
  const config = {
    name,
    filters,
    kernelSize: pair(kernelSize),
    strides: pair(stride),
    padding: padded.mode,
    useBias: bias,
    activation,
  };
  if (groups > 1) return groupedConv2dLayer(padded.x, { ...config, groups });
  return tfl.layers.conv2d({ ...config, kernelInitializer: 'zeros' }).apply(padded.x) as SymbolicTensor;
}

/** One filter a channel, without bias. */
export function depthwiseConv2d(
  x: SymbolicTensor,
  name: string,
  options: { kernelSize: number; stride?: number; padding?: number | 'same' },
): SymbolicTensor {
  const { kernelSize, stride = 1, padding = 0 } = options;
  const padded = padFor(x, name, kernelSize, stride, padding);
  return tfl.layers
    .depthwiseConv2d({
      name,
      kernelSize,
      strides: stride,
      padding: padded.mode,
      useBias: false,
      depthwiseInitializer: 'zeros',
    })
    .apply(padded.x) as SymbolicTensor;
}

/** `nn.BatchNorm2d`: ε 1e-5, running averages keep 0.9 of the old value a step. */
export function batchNorm(x: SymbolicTensor, name: string, epsilon = 1e-5, momentum = 0.9): SymbolicTensor {
  return tfl.layers.batchNormalization({ name, epsilon, momentum }).apply(x) as SymbolicTensor;
}

export function activate(x: SymbolicTensor, name: string, activation: Activation): SymbolicTensor {
  if (activation === 'linear') return x;
  if (activation === 'hardSwish') return hardSwish(x, name);
  return tfl.layers.activation({ name, activation }).apply(x) as SymbolicTensor;
}

export const relu = (x: SymbolicTensor, name: string) => activate(x, name, 'relu');

export interface PoolOptions {
  kernelSize: number;
  stride: number;
  /** Zeros, where PyTorch pads with −∞: the same after a ReLU, which is where every network here pools. @default 0 */
  padding?: number;
  /** Whether a last window may reach over the edge. @default false as PyTorch */
  ceilMode?: boolean;
}

/**
 * Ceil mode as PyTorch has it, on every size: `stride − 1` zeros right and bottom make the rounded-down count of
 * windows the rounded-up one, and where the sides divide evenly no window reaches the zeros.
 */
export function maxPool(x: SymbolicTensor, name: string, options: PoolOptions): SymbolicTensor {
  const { kernelSize, stride, padding = 0, ceilMode = false } = options;
  const after = padding + (ceilMode ? stride - 1 : 0);
  const padded = after > 0 ? zeroPad(x, `${name}.pad`, padding, after) : x;
  return tfl.layers
    .maxPooling2d({ name, poolSize: kernelSize, strides: stride })
    .apply(padded) as SymbolicTensor;
}

/** Padding counts as zeros in the mean, as PyTorch's default has it. */
export function avgPool(
  x: SymbolicTensor,
  name: string,
  options: Omit<PoolOptions, 'ceilMode'>,
): SymbolicTensor {
  const { kernelSize, stride, padding = 0 } = options;
  const padded = padding > 0 ? zeroPad(x, `${name}.pad`, padding, padding) : x;
  return tfl.layers
    .averagePooling2d({ name, poolSize: kernelSize, strides: stride })
    .apply(padded) as SymbolicTensor;
}

export function globalAvgPool(x: SymbolicTensor, name: string): SymbolicTensor {
  return tfl.layers.globalAveragePooling2d({ name }).apply(x) as SymbolicTensor;
}

export function concat(x: SymbolicTensor[], name: string): SymbolicTensor {
  return tfl.layers.concatenate({ name, axis: -1 }).apply(x) as SymbolicTensor;
}

export function add(x: SymbolicTensor[], name: string): SymbolicTensor {
  return tfl.layers.add({ name }).apply(x) as SymbolicTensor;
}

export function multiply(x: SymbolicTensor[], name: string): SymbolicTensor {
  return tfl.layers.multiply({ name }).apply(x) as SymbolicTensor;
}

export function reshape(x: SymbolicTensor, name: string, targetShape: number[]): SymbolicTensor {
  return tfl.layers.reshape({ name, targetShape }).apply(x) as SymbolicTensor;
}

export function flatten(x: SymbolicTensor, name = 'flatten'): SymbolicTensor {
  return tfl.layers.flatten({ name }).apply(x) as SymbolicTensor;
}

export function dense(
  x: SymbolicTensor,
  name: string,
  units: number,
  activation: FusedActivation = 'linear',
  bias = true,
): SymbolicTensor {
  return tfl.layers
    .dense({ name, units, activation, useBias: bias, kernelInitializer: 'zeros' })
    .apply(x) as SymbolicTensor;
}
