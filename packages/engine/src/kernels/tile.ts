import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { type KernelFunc, type TensorInfo, type TileAttrs, util } from '@tensorflow/tfjs-core';
import { pointerOf, wasmKernels } from './wasmHeap';

interface Args {
  inputs: Record<'x', TensorInfo>;
  backend: BackendWasm;
  attrs: TileAttrs;
}

/** A row for every pixel, as the gradient of batch normalisation makes; the stock kernel is 20 times slower at it. */
export function tile(stock: KernelFunc) {
  return (args: Args): TensorInfo => {
    const { inputs, backend, attrs } = args;
    const { x } = inputs;
    const last = x.shape.length - 1;
    const isRow =
      x.dtype === 'float32' && x.shape.slice(0, -1).every((size) => size === 1) && attrs.reps[last] === 1;
    if (!isRow) return stock(args as never) as TensorInfo;
    const out = backend.makeOutput(
      x.shape.map((size, axis) => size * attrs.reps[axis]!),
      'float32',
    );
    const rows = util.sizeFromShape(attrs.reps);
    const count = x.shape[last]!;
    wasmKernels().copyRows(pointerOf(backend, x), pointerOf(backend, out), rows, count, 0, count);
    return out;
  };
}
