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
  return (args: Args): TensorInfo => sumLeadingAxes(args)?.out ?? (stock(args as never) as TensorInfo);
}

/** Means over the leading axes, as batch normalisation takes them. */
export function mean(stock: KernelFunc) {
  return (args: Args): TensorInfo => {
    const sums = sumLeadingAxes(args);
    if (sums === undefined) return stock(args as never) as TensorInfo;
    const values = args.backend.typedArrayFromHeap(sums.out);
    for (let i = 0; i < values.length; i++) values[i]! /= sums.rows;
    return sums.out;
  };
}

/** The sums, and how many values are in each; undefined for other axes and other types. */
function sumLeadingAxes({
  inputs: { x },
  backend,
  attrs,
}: Args): { out: TensorInfo; rows: number } | undefined {
  const axes = util.parseAxisParam(attrs.axis, x.shape);
  const leading = axes.length < x.shape.length && axes.every((axis) => axis < axes.length);
  if (!leading || x.dtype !== 'float32') return undefined;
  const rest = x.shape.slice(axes.length);
  const out = makeZeros(backend, attrs.keepDims ? [...axes.map(() => 1), ...rest] : rest);
  const rows = util.sizeFromShape(x.shape.slice(0, axes.length));
  wasmKernels().sumRows(pointerOf(backend, x), pointerOf(backend, out), rows, util.sizeFromShape(rest));
  return { out, rows };
}
