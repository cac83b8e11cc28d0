import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import type {
  DepthwiseConv2dNativeBackpropFilterAttrs,
  DepthwiseConv2dNativeBackpropInputAttrs,
} from '@tensorflow/tfjs-core';
import { geometryOf, type Shape4D } from './geometry';
import { makeZeros, pointerOf, wasmKernels } from './wasmHeap';

interface FilterArgs {
  inputs: Record<'x' | 'dy', TensorInfo>;
  backend: BackendWasm;
  attrs: DepthwiseConv2dNativeBackpropFilterAttrs;
}

/** Gradient of a depthwise convolution with respect to its filter [kh, kw, C, multiplier]. */
export function depthwiseBackpropFilter({ inputs: { x, dy }, backend, attrs }: FilterArgs): TensorInfo {
  const { strides, dilations, pad, dimRoundingMode, filterShape } = attrs;
  const info = backend_util.computeConv2DInfo(
    x.shape as Shape4D,
    filterShape,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    true,
  );
  const out = makeZeros(backend, filterShape);
  const pointers = [pointerOf(backend, x), pointerOf(backend, dy), pointerOf(backend, out)] as const;
  wasmKernels().depthwiseGradFilter(...pointers, ...geometryOf(info));
  return out;
}

interface InputArgs {
  inputs: Record<'dy' | 'filter', TensorInfo>;
  backend: BackendWasm;
  attrs: DepthwiseConv2dNativeBackpropInputAttrs;
}

/** Gradient of a depthwise convolution with respect to its input [N, H, W, C]. */
export function depthwiseBackpropInput({ inputs: { dy, filter }, backend, attrs }: InputArgs): TensorInfo {
  const { strides, dilations, pad, dimRoundingMode, inputShape } = attrs;
  const info = backend_util.computeConv2DInfo(
    inputShape,
    filter.shape as Shape4D,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    true,
  );
  const out = makeZeros(backend, inputShape);
  const pointers = [pointerOf(backend, dy), pointerOf(backend, filter), pointerOf(backend, out)] as const;
  wasmKernels().depthwiseGradInput(...pointers, ...geometryOf(info));
  return out;
}
