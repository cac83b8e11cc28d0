import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Conv2DBackpropFilterAttrs } from '@tensorflow/tfjs-core';
import { checkLayout, geometryOf, type Dilated, type Shape4D } from './geometry';
import { makeZeros, pointerOf, wasmKernels } from './wasmHeap';

interface Args {
  inputs: Record<'x' | 'dy', TensorInfo>;
  backend: BackendWasm;
  attrs: Conv2DBackpropFilterAttrs & Dilated;
}

/** Gradient of conv2d with respect to its filter [kh, kw, Cin, Cout], from x and dy, both NHWC. */
export function conv2dBackpropFilter({ inputs: { x, dy }, backend, attrs }: Args): TensorInfo {
  const { strides, pad, dataFormat, dimRoundingMode, filterShape, dilations = 1 } = attrs;
  checkLayout('Conv2DBackpropFilter', dataFormat);
  const info = backend_util.computeConv2DInfo(
    x.shape as Shape4D,
    filterShape,
    strides,
    dilations,
    pad,
    dimRoundingMode,
  );
  const out = makeZeros(backend, filterShape);
  const pointers = [pointerOf(backend, x), pointerOf(backend, dy), pointerOf(backend, out)] as const;
  wasmKernels().convGradFilter(...pointers, ...geometryOf(info));
  return out;
}
