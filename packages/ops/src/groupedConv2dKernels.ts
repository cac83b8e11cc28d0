import { concat, conv2d, engine, split, type NamedAttrMap, type Tensor4D } from '@tensorflow/tfjs-core';
import { registerComposite } from './composite';
import type { GroupedConv2dAttrs } from './groupedConv2d';
import { registerNative, type NativeKernel } from './tensorflow/groupedConv2d';

type Shape4D = [number, number, number, number];

/** Splits a and b by their channels, runs both through `compute` group by group and joins the results. */
function byGroup(
  a: Tensor4D,
  b: Tensor4D,
  groups: number,
  compute: (a: Tensor4D, b: Tensor4D) => Tensor4D,
): Tensor4D {
  const as: Tensor4D[] = split(a, groups, 3);
  const bs: Tensor4D[] = split(b, groups, 3);
  return concat(
    as.map((group, g) => compute(group, bs[g]!)),
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

register<{ x: Tensor4D; filter: Tensor4D }, GroupedConv2dAttrs>('GroupedConv2D', ({ x, filter }, attrs) =>
  byGroup(x, filter, attrs.groups, (x, filter) => conv2d(x, filter, attrs.strides, attrs.pad)),
);

register<{ dy: Tensor4D; filter: Tensor4D }, GroupedConv2dAttrs & { inputShape: Shape4D }>(
  'GroupedConv2DBackpropInput',
  ({ dy, filter }, attrs) => {
    const [n, h, w] = attrs.inputShape;
    const inputShape: Shape4D = [n, h, w, filter.shape[2]];
    return byGroup(dy, filter, attrs.groups, (dy, filter) =>
      backprop('Conv2DBackpropInput', { dy, filter }, attrs, { inputShape }),
    );
  },
);

register<{ x: Tensor4D; dy: Tensor4D }, GroupedConv2dAttrs & { filterShape: Shape4D }>(
  'GroupedConv2DBackpropFilter',
  ({ x, dy }, attrs) => {
    const [h, w, inputs, outputs] = attrs.filterShape;
    const filterShape: Shape4D = [h, w, inputs, outputs / attrs.groups];
    return byGroup(x, dy, attrs.groups, (x, dy) =>
      backprop('Conv2DBackpropFilter', { x, dy }, attrs, { filterShape }),
    );
  },
);
