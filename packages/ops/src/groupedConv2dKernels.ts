import {
  concat,
  conv2d,
  engine,
  mul,
  reshape,
  split,
  sum,
  tensor4d,
  tile,
  type NamedAttrMap,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { registerComposite } from './composite';
import type { GroupedConv2dAttrs } from './groupedConv2d';
import { registerNative, type NativeKernel } from './tensorflow/groupedConv2d';

type Shape4D = [number, number, number, number];

/**
 * Groups are joined until a convolution has this many input channels, their filters filled up with zeros: on wasm, 56×56
 * in 32 groups of 4 channels takes 78 ms group by group, 26 ms in blocks of 32 channels, 70 ms as one dense convolution.
 */
const BLOCK_CHANNELS = 32;

/** How many groups make a block: the least divisor of `groups` that reaches BLOCK_CHANNELS. */
function groupsPerBlock(groups: number, channelsPerGroup: number): number {
  for (let joined = 1; joined < groups; joined++) {
    if (groups % joined === 0 && joined * channelsPerGroup >= BLOCK_CHANNELS) return joined;
  }
  return groups;
}

/** 1 where an input channel of a block and an output channel belong to one group: `[1, 1, joined · inputs, Cout]`. */
function diagonal([, , inputs, outputs]: Shape4D, groups: number, joined: number): Tensor4D {
  const values = new Float32Array(joined * inputs * outputs);
  for (let o = 0; o < outputs; o++) {
    const group = Math.floor((o * groups) / outputs) % joined;
    for (let i = group * inputs; i < (group + 1) * inputs; i++) values[i * outputs + o] = 1;
  }
  return tensor4d(values, [1, 1, joined * inputs, outputs]);
}

/** The dense filters of the blocks. */
function blockFilters(filter: Tensor4D, groups: number, joined: number): Tensor4D[] {
  const filled: Tensor4D =
    joined === 1 ? filter : mul(tile(filter, [1, 1, joined, 1]), diagonal(filter.shape, groups, joined));
  return split(filled, groups / joined, 3);
}

/** Splits x and y by blocks, runs both through `compute` block by block and joins the results. */
function byBlock(x: Tensor4D, y: Tensor4D[], compute: (x: Tensor4D, y: Tensor4D) => Tensor4D): Tensor4D {
  const xs: Tensor4D[] = split(x, y.length, 3);
  return concat(
    y.map((block, b) => compute(xs[b]!, block)),
    3,
  );
}

/** TensorFlow.js's own kernels behind conv2d's gradient, which it does not export as operations. */
function backprop(
  kernel: 'Conv2DBackpropInput' | 'Conv2DBackpropFilter',
  inputs: Record<string, Tensor4D>,
  { strides, pad }: GroupedConv2dAttrs,
  shape: { inputShape: Shape4D } | { filterShape: Shape4D },
): Tensor4D {
  return engine().runKernel(kernel, inputs, {
    strides,
    pad,
    dataFormat: 'NHWC',
    ...shape,
  } as unknown as NamedAttrMap);
}

function register<Inputs extends Record<string, Tensor4D>, Attrs>(
  kernelName: NativeKernel,
  compute: (inputs: Inputs, attrs: Attrs) => Tensor4D,
): void {
  registerComposite(kernelName, compute, { except: 'tensorflow' });
  registerNative(kernelName, compute);
}

register<{ x: Tensor4D; filter: Tensor4D }, GroupedConv2dAttrs>('GroupedConv2D', ({ x, filter }, attrs) => {
  const joined = groupsPerBlock(attrs.groups, filter.shape[2]);
  return byBlock(x, blockFilters(filter, attrs.groups, joined), (block, blockFilter) =>
    conv2d(block, blockFilter, attrs.strides, attrs.pad),
  );
});

register<{ dy: Tensor4D; filter: Tensor4D }, GroupedConv2dAttrs & { inputShape: Shape4D }>(
  'GroupedConv2DBackpropInput',
  ({ dy, filter }, attrs) => {
    const joined = groupsPerBlock(attrs.groups, filter.shape[2]);
    const [n, h, w] = attrs.inputShape;
    const inputShape: Shape4D = [n, h, w, joined * filter.shape[2]];
    return byBlock(dy, blockFilters(filter, attrs.groups, joined), (block, blockFilter) =>
      backprop('Conv2DBackpropInput', { dy: block, filter: blockFilter }, attrs, { inputShape }),
    );
  },
);

register<{ x: Tensor4D; dy: Tensor4D }, GroupedConv2dAttrs & { filterShape: Shape4D }>(
  'GroupedConv2DBackpropFilter',
  ({ x, dy }, attrs) => {
    const [h, w, inputs, outputs] = attrs.filterShape;
    const joined = groupsPerBlock(attrs.groups, inputs);
    const blocks = attrs.groups / joined;
    const filterShape: Shape4D = [h, w, joined * inputs, outputs / blocks];
    const filled = byBlock(x, split(dy, blocks, 3), (block, dyBlock) =>
      backprop('Conv2DBackpropFilter', { x: block, dy: dyBlock }, attrs, { filterShape }),
    );
    if (joined === 1) return filled;
    const own = mul(filled, diagonal(attrs.filterShape, attrs.groups, joined));
    return reshape(sum(reshape(own, [h * w, joined, inputs, outputs]), 1), attrs.filterShape);
  },
);
