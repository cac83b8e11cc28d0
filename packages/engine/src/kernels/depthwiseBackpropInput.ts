import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { convolutionOf, geometryOf, type InputGradient } from './geometry';
import { makeZeros, pointerOf, wasmKernels } from './wasmHeap';

/** Gradient of a depthwise convolution with respect to its input [N, H, W, C]. */
export function depthwiseBackpropInput({
  inputs: { dy, filter },
  backend,
  attrs,
}: InputGradient<BackendWasm>): TensorInfo {
  const info = convolutionOf('depthwise', attrs.inputShape, filter.shape, attrs);
  const out = makeZeros(backend, attrs.inputShape);
  const pointers = [pointerOf(backend, dy), pointerOf(backend, filter), pointerOf(backend, out)] as const;
  wasmKernels().depthwiseGradInput(...pointers, ...geometryOf(info));
  return out;
}
