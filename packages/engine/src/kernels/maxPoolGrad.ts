import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { backend_util, type MaxPoolGradAttrs, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Shape4D } from './geometry';
import { makeZeros, pointerOf, wasmKernels } from './wasmHeap';

interface Args {
  inputs: Record<'dy' | 'input', TensorInfo>;
  backend: BackendWasm;
  attrs: MaxPoolGradAttrs;
}

/** Gradient of max pooling, NHWC; the first of equal values gets it. */
export function maxPoolGrad({ inputs: { dy, input }, backend, attrs }: Args): TensorInfo {
  const { filterSize, strides, pad, dimRoundingMode } = attrs;
  const info = backend_util.computePool2DInfo(
    input.shape as Shape4D,
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const out = makeZeros(backend, input.shape);
  const pointers = [pointerOf(backend, input), pointerOf(backend, dy), pointerOf(backend, out)] as const;
  const sizes = [info.batchSize, info.inHeight, info.inWidth, info.inChannels, info.outHeight, info.outWidth];
  const window = [info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth];
  wasmKernels().maxPoolGrad(...pointers, ...sizes, ...window, info.padInfo.top, info.padInfo.left);
  return out;
}
