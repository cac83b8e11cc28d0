import {
  engine,
  pad as padZeros,
  registerGradient,
  type NamedAttrMap,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { checkTensor, positiveInteger } from './check';

export interface GroupedConv2dOptions {
  /** Groups of channels: output group g sees input group g alone. */
  groups: number;
  /** Cells between two windows, one number or `[vertical, horizontal]`; 1, as in torch.nn.Conv2d. */
  strides?: number | [vertical: number, horizontal: number];
  /** Zeros around x: a number for every side, or TensorFlow's two rules. 'valid', none, as in torch.nn.Conv2d. */
  pad?: number | 'same' | 'valid';
}

/** The kernels' attributes. */
export interface GroupedConv2dAttrs {
  groups: number;
  strides: [vertical: number, horizontal: number];
  pad: 'same' | 'valid';
}

function checkStrides(strides: number | [number, number]): [number, number] {
  const pair: [number, number] = typeof strides === 'number' ? [strides, strides] : strides;
  if (pair.length === 2 && pair.every(positiveInteger)) return pair;
  throw new RangeError(
    `groupedConv2d: strides must be one or two positive integers, got ${JSON.stringify(strides)}`,
  );
}

function checkPad(pad: number | 'same' | 'valid'): void {
  if (pad === 'same' || pad === 'valid' || pad === 0 || positiveInteger(pad)) return;
  throw new RangeError(`groupedConv2d: pad must be 'same', 'valid' or a whole number of cells, got ${pad}`);
}

/**
 * Convolution in groups (AlexNet §3.5, ResNeXt Fig. 3c): TensorFlow's own on the tensorflow backend, group by group on the
 * others. Gradients go to x and to the filter; on wasm the filter's needs the training kernels of `@roikit/engine`.
 *
 * @param x `[N, H, W, Cin]`, float32
 * @param filter `[h, w, Cin / groups, Cout]`, float32; outputs ordered by group
 * @returns `[N, H', W', Cout]`
 */
export function groupedConv2d(
  x: Tensor4D,
  filter: Tensor4D,
  { groups, strides = 1, pad = 'valid' }: GroupedConv2dOptions,
): Tensor4D {
  checkTensor('groupedConv2d', 'x', x, { rank: 4, dtype: 'float32', layout: '[N, H, W, Cin]' });
  const layout = '[h, w, Cin / groups, Cout]';
  checkTensor('groupedConv2d', 'filter', filter, { rank: 4, dtype: 'float32', layout });
  const [, , inputs, outputs] = filter.shape;
  if (!positiveInteger(groups) || outputs % groups !== 0) {
    throw new RangeError(`groupedConv2d: groups must divide the ${outputs} outputs of filter, got ${groups}`);
  }
  if (inputs * groups !== x.shape[3]) {
    throw new RangeError(
      `groupedConv2d: filter must have Cin / groups = ${x.shape[3]} / ${groups} input channels, got ${inputs}`,
    );
  }
  checkPad(pad);
  const pair = checkStrides(strides);
  const run = (padded: Tensor4D, rule: 'same' | 'valid'): Tensor4D => {
    const attrs: GroupedConv2dAttrs = { groups, strides: pair, pad: rule };
    return engine().runKernel('GroupedConv2D', { x: padded, filter }, attrs as unknown as NamedAttrMap);
  };
  if (typeof pad === 'string') return run(x, pad);
  // Apart, since tfjs-node has no gradient of a convolution with explicit padding.
  return engine().tidy(() =>
    run(
      padZeros(x, [
        [0, 0],
        [pad, pad],
        [pad, pad],
        [0, 0],
      ]),
      'valid',
    ),
  );
}

registerGradient({
  kernelName: 'GroupedConv2D',
  inputsToSave: ['x', 'filter'],
  gradFunc: (upstream, saved, attrs) => {
    const [x, filter] = saved as [Tensor4D, Tensor4D];
    const dy = upstream as Tensor4D;
    const { shape: inputShape } = x;
    const { shape: filterShape } = filter;
    return {
      x: () => engine().runKernel('GroupedConv2DBackpropInput', { dy, filter }, { ...attrs, inputShape }),
      filter: () => engine().runKernel('GroupedConv2DBackpropFilter', { x, dy }, { ...attrs, filterShape }),
    };
  },
});
