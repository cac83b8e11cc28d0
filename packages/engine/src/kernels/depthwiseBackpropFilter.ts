import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { convolutionOf, geometryOf, type FilterGradient } from './geometry';
import { makeZeros, pointerOf, wasmKernels } from './wasmHeap';

/** Gradient of a depthwise convolution with respect to its filter [kh, kw, C, multiplier]. */
export function depthwiseBackpropFilter({
  inputs: { x, dy },
  backend,
  attrs,
}: FilterGradient<BackendWasm>): TensorInfo {
  const info = convolutionOf('depthwise', x.shape, attrs.filterShape, attrs);
  const out = makeZeros(backend, attrs.filterShape);
  const pointers = [pointerOf(backend, x), pointerOf(backend, dy), pointerOf(backend, out)] as const;
  wasmKernels().depthwiseGradFilter(...pointers, ...geometryOf(info));
  return out;
}
