import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { backend_util, slice_util, util, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import type { ConcatAttrs, SliceAttrs, SplitVAttrs } from '@tensorflow/tfjs-core';
import { pointerOf, wasmKernels } from './wasmHeap';

/** dtypes of four bytes an element, which copyRows can move. */
function isFourBytes({ dtype }: TensorInfo): boolean {
  return dtype === 'float32' || dtype === 'int32';
}

/** x[begin : begin + size] of a tensor of four-byte elements; the last two axes in one call. */
export function sliceTensor(
  backend: BackendWasm,
  x: TensorInfo,
  begin: number[],
  size: number[],
): TensorInfo {
  const out = backend.makeOutput(size, x.dtype);
  const total = util.sizeFromShape(size);
  if (total === 0) return out;
  const rank = size.length;
  const strides = [...util.computeStrides(x.shape), 1];
  const count = size[rank - 1] ?? 1;
  const rows = size[rank - 2] ?? 1;
  const step = strides[rank - 2] ?? 1;
  const from = pointerOf(backend, x);
  const to = pointerOf(backend, out);
  for (let done = 0; done < total; done += rows * count) {
    let offset = 0;
    let rest = done / (rows * count);
    for (let axis = rank - 1; axis >= 0; axis--) {
      offset += begin[axis]! * strides[axis]!;
      if (axis >= rank - 2) continue;
      offset += (rest % size[axis]!) * strides[axis]!;
      rest = Math.floor(rest / size[axis]!);
    }
    wasmKernels().copyRows(from + offset * 4, to + done * 4, rows, count, step, count);
  }
  return out;
}

interface XArgs<Attrs> {
  inputs: Record<'x', TensorInfo>;
  backend: BackendWasm;
  attrs: Attrs;
}

/** The stock kernel copies the whole tensor to a new array first. */
export function slice(stock: KernelFunc) {
  return (args: XArgs<SliceAttrs>): TensorInfo => {
    const { x } = args.inputs;
    if (!isFourBytes(x)) return stock(args as never) as TensorInfo;
    const [begin, size] = slice_util.parseSliceParams(x, args.attrs.begin, args.attrs.size);
    return sliceTensor(args.backend, x, begin!, size!);
  };
}

/** The stock kernel is as many stock slices. */
export function splitV(stock: KernelFunc) {
  return (args: XArgs<SplitVAttrs>): TensorInfo[] => {
    const { x } = args.inputs;
    if (!isFourBytes(x)) return stock(args as never) as TensorInfo[];
    const axis = util.parseAxisParam(args.attrs.axis, x.shape)[0]!;
    const begin = x.shape.map(() => 0);
    const sizes = backend_util.prepareSplitSize(x as never, args.attrs.numOrSizeSplits, axis);
    return sizes.map((length) => {
      const part = sliceTensor(args.backend, x, begin, x.shape.with(axis, length));
      begin[axis]! += length;
      return part;
    });
  };
}

interface ConcatArgs {
  inputs: TensorInfo[];
  backend: BackendWasm;
  attrs: ConcatAttrs;
}

/** The stock kernel makes two views for each piece it copies. */
export function concat(stock: KernelFunc) {
  return (args: ConcatArgs): TensorInfo => {
    const { backend } = args;
    const inputs = Object.values(args.inputs);
    const axis = util.parseAxisParam(args.attrs.axis, inputs[0]!.shape)[0]!;
    const shapes = inputs.map((input) => input.shape);
    backend_util.assertParamsConsistent(shapes, axis);
    if (!inputs.every((input) => isFourBytes(input) && input.dtype === inputs[0]!.dtype)) {
      return stock(args as never) as TensorInfo;
    }
    const out = backend.makeOutput(backend_util.computeOutShape(shapes, axis), inputs[0]!.dtype);
    const rows = util.sizeFromShape(out.shape.slice(0, axis));
    const step = util.sizeFromShape(out.shape.slice(axis));
    let to = pointerOf(backend, out);
    for (const input of inputs) {
      const count = util.sizeFromShape(input.shape.slice(axis));
      wasmKernels().copyRows(pointerOf(backend, input), to, rows, count, count, step);
      to += count * 4;
    }
    return out;
  };
}
