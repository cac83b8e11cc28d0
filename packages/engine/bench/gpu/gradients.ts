import * as tf from '@tensorflow/tfjs-core';
import { nameOf, netConvolutions, operationsOf, type NetConvolution } from './netConvolutions';
import type { Shrink } from './kernels';
import type { Stopwatch } from './timing';

/** Milliseconds of a convolution's three kernels. */
export interface GradientCost {
  net: string;
  name: string;
  megaflop: number;
  forward: number;
  byFilter: number;
  byInput: number;
}

const convolve = ({ kind, strides, pad }: NetConvolution) => {
  const op = kind === 'conv2d' ? tf.conv2d : (tf.depthwiseConv2d as typeof tf.conv2d);
  return (x: tf.Tensor4D, filter: tf.Tensor4D) => op(x, filter, strides, pad);
};

/**
 * What the two gradients of every convolution of the bench's nets cost, beside its forward pass.
 *
 * @param wanted part of the names of those to be measured @default all
 */
export async function timeGradients(shrink: Shrink, watch: Stopwatch, wanted = ''): Promise<GradientCost[]> {
  const costs: GradientCost[] = [];
  for (const [net, convolutions] of netConvolutions(shrink)) {
    for (const convolution of convolutions) {
      if (nameOf(convolution).includes(wanted)) costs.push({ net, ...(await costOf(convolution, watch)) });
    }
  }
  return costs;
}

async function costOf(convolution: NetConvolution, watch: Stopwatch): Promise<Omit<GradientCost, 'net'>> {
  const { kind, strides, pad } = convolution;
  const x = tf.randomUniform(convolution.x, -1, 1, 'float32', 1) as tf.Tensor4D;
  const filter = tf.randomUniform(convolution.filter, -1, 1, 'float32', 2) as tf.Tensor4D;
  const dy = convolve(convolution)(x, filter);
  const prefix = kind === 'conv2d' ? 'Conv2DBackprop' : 'DepthwiseConv2dNativeBackprop';
  const run = (name: string, inputs: tf.NamedTensorMap, shapes: object): tf.Tensor =>
    tf
      .engine()
      .runKernel(prefix + name, inputs, { strides, pad, dilations: 1, dataFormat: 'NHWC', ...shapes });
  const [forward, byFilter, byInput] = (await watch.compare([
    () => convolve(convolution)(x, filter),
    () => run('Filter', { x, dy }, { filterShape: filter.shape }),
    () => run('Input', { dy, filter }, { inputShape: x.shape }),
  ])) as [number, number, number];
  tf.dispose([x, filter, dy]);
  const megaflop = Math.round(operationsOf(convolution) / 1e6);
  return { name: nameOf(convolution), megaflop, forward, byFilter, byInput };
}
