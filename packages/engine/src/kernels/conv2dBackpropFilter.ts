import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { convolutionOf, geometryOf, type FilterGradient } from './geometry';
import { makeZeros, pointerOf, wasmKernels } from './wasmHeap';

/** Gradient of conv2d with respect to its filter [kh, kw, Cin, Cout], from x and dy, both NHWC. */
export function conv2dBackpropFilter({
  inputs: { x, dy },
  backend,
  attrs,
}: FilterGradient<BackendWasm>): TensorInfo {
  const info = convolutionOf('conv2d', x.shape, attrs.filterShape, attrs);
  const out = makeZeros(backend, attrs.filterShape);
  const pointers = [pointerOf(backend, x), pointerOf(backend, dy), pointerOf(backend, out)] as const;
  wasmKernels().convGradFilter(...pointers, ...geometryOf(info));
  return out;
}
