import { groupedConv2d } from '@roikit/ops';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { GroupedConv2dConfig } from '../layers/grouped';

/** Zeros `[[top, bottom], [left, right]]`. */
export type Zeros = [[number, number], [number, number]];
export type FusedActivation = 'linear' | 'relu' | 'relu6';

/** A convolution with all that was folded into it. */
export interface Convolution {
  kind: 'conv' | 'depthwise' | 'grouped';
  kernel: tf.Tensor4D;
  bias: tf.Tensor1D;
  strides: [number, number];
  padding: 'same' | 'valid' | Zeros;
  groups: number;
  activation: FusedActivation;
}

interface ConvLayer {
  kernelSize: number[];
  strides: [number, number];
  padding: 'same' | 'valid';
  activation?: { getClassName(): string };
  config?: GroupedConv2dConfig;
}

const kinds: Record<string, Convolution['kind']> = {
  Conv2D: 'conv',
  DepthwiseConv2D: 'depthwise',
  GroupedConv2d: 'grouped',
};

/** What kind of convolution a layer is; undefined for other layers. */
export function convolutionKind(layer: tfl.layers.Layer): Convolution['kind'] | undefined {
  return kinds[layer.getClassName()];
}

/** The activation a layer applies, as far as a convolution can take it over. */
export function activationOf(layer: tfl.layers.Layer): FusedActivation | undefined {
  const grouped = (layer as unknown as ConvLayer).config;
  const name = grouped?.activation ?? (layer as unknown as ConvLayer).activation?.getClassName() ?? 'linear';
  return name === 'linear' || name === 'relu' || name === 'relu6' ? name : undefined;
}

type BatchNormWeights = [gamma: tf.Tensor1D, beta: tf.Tensor1D, mean: tf.Tensor1D, variance: tf.Tensor1D];

/** Batch norm as one factor and one summand a channel. */
export function affineOf(layer: tfl.layers.Layer): { scale: tf.Tensor1D; shift: tf.Tensor1D } {
  const [gamma, beta, mean, variance] = layer.getWeights() as BatchNormWeights;
  const { epsilon } = layer as unknown as { epsilon: number };
  const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon))) as tf.Tensor1D;
  return { scale, shift: tf.sub(beta, tf.mul(mean, scale)) };
}

/** Reads a convolution layer, with the batch norm after it and the zeros before it where there are any. */
export function readConvolution(
  layer: tfl.layers.Layer,
  norm: tfl.layers.Layer | undefined,
  zeros: Zeros | undefined,
): Convolution {
  const kind = convolutionKind(layer) as Convolution['kind'];
  const { strides, padding, config } = layer as unknown as ConvLayer;
  const [kernel, given] = layer.getWeights() as [tf.Tensor4D, tf.Tensor1D | undefined];
  const channels = kind === 'depthwise' ? kernel.shape[2] : kernel.shape[3];
  const bias = given ?? tf.zeros<tf.Rank.R1>([channels]);
  const { scale, shift } = norm
    ? affineOf(norm)
    : { scale: tf.ones<tf.Rank.R1>([channels]), shift: tf.scalar(0) };
  const factor = kind === 'depthwise' ? tf.reshape(scale, [channels, 1]) : scale;
  return {
    kind,
    kernel: tf.keep(tf.mul(kernel, factor)),
    bias: tf.keep(tf.add(tf.mul(bias, scale), shift)),
    strides,
    padding: zeros ?? padding,
    groups: config?.groups ?? 1,
    activation: activationOf(layer) ?? 'linear',
  };
}

export function runConvolution(x: tf.Tensor4D, convolution: Convolution): tf.Tensor4D {
  const { kind, kernel: filter, bias, strides, padding, activation, groups } = convolution;
  if (kind === 'grouped') {
    const padded = typeof padding === 'string' ? x : tf.pad4d(x, [[0, 0], ...padding, [0, 0]]);
    const pad = typeof padding === 'string' ? padding : 'valid';
    const sum = tf.add(groupedConv2d(padded, filter, { groups, strides, pad }), bias) as tf.Tensor4D;
    return activation === 'linear' ? sum : activation === 'relu' ? tf.relu(sum) : tf.relu6(sum);
  }
  const run = kind === 'conv' ? tf.fused.conv2d : tf.fused.depthwiseConv2d;
  // The declaration of depthwiseConv2d leaves out explicit padding, which it takes as conv2d does.
  const pad = padOf(padding) as 'same' | 'valid';
  return run({ x, filter, strides, pad, bias, activation }) as tf.Tensor4D;
}

const padOf = (padding: Convolution['padding']): 'same' | 'valid' | tf.backend_util.ExplicitPadding =>
  typeof padding === 'string' ? padding : [[0, 0], ...padding, [0, 0]];

/**
 * relu(convolution + residual), as a residual block ends: one kernel where the engine has it (webgpu).
 *
 * @returns undefined where it has not, or the convolution is none for it
 */
export function runResidual(
  x: tf.Tensor4D,
  { kind, activation, kernel: filter, bias, strides, padding }: Convolution,
  residual: tf.Tensor,
): tf.Tensor | undefined {
  if (tf.getKernel('FusedConv2DAddRelu', tf.getBackend()) === undefined) return undefined;
  const pad = padOf(padding);
  const { outShape } = tf.backend_util.computeConv2DInfo(x.shape, filter.shape, strides, 1, pad);
  if (kind !== 'conv' || activation !== 'linear' || !tf.util.arraysEqual(outShape, residual.shape))
    return undefined;
  return tf
    .engine()
    .runKernel<tf.Tensor>('FusedConv2DAddRelu', { x, filter, bias, residual }, { strides, pad });
}
