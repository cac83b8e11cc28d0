import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { util, type KernelFunc, type SumAttrs, type TensorInfo } from '@tensorflow/tfjs-core';
import { makeZeros, pointerOf, wasmKernels } from './wasmHeap';

interface Args {
  inputs: Record<'x', TensorInfo>;
  backend: BackendWasm;
  attrs: SumAttrs;
}

/** Sums over the leading axes, as the gradient of every bias is; the stock kernel transposes the tensor for them. */
export function sum(stock: KernelFunc) {
  return (args: Args): TensorInfo => {
    const { inputs, backend, attrs } = args;
    const { x } = inputs;
    const axes = util.parseAxisParam(attrs.axis, x.shape);
    const leading = axes.length < x.shape.length && axes.every((axis) => axis < axes.length);
    if (!leading || x.dtype !== 'float32') return stock(args as never) as TensorInfo;
    const rest = x.shape.slice(axes.length);
    const out = makeZeros(backend, attrs.keepDims ? [...axes.map(() => 1), ...rest] : rest);
    const rows = util.sizeFromShape(x.shape.slice(0, axes.length));
    wasmKernels().sumRows(pointerOf(backend, x), pointerOf(backend, out), rows, util.sizeFromShape(rest));
    return out;
  };
}
