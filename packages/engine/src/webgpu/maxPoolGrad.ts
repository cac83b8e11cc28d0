import { backend_util, util, type MaxPoolGradAttrs, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Shape4D } from '../kernels/geometry';
import { convolutionInts } from './convolution';
import { dispatch, FLAT_THREADS, flatWorkgroups, type WebgpuBackend } from './program';

interface Args {
  inputs: Record<'dy' | 'input', TensorInfo>;
  backend: WebgpuBackend;
  attrs: MaxPoolGradAttrs;
}

/**
 * Gradient of max pooling, in one pass: a cell looks at each window that holds it, and takes the window's dy where it is
 * the first of the largest. Twin: the cpu backend's; on wasm kernels/maxPoolGrad.ts.
 */
export function maxPoolGrad({ inputs: { dy, input }, backend, attrs }: Args): TensorInfo {
  const { filterSize, strides, pad, dimRoundingMode } = attrs;
  const shape = input.shape as Shape4D;
  const info = backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const count = util.sizeFromShape(shape);
  return dispatch(backend, {
    name: 'MaxPoolGrad',
    wgsl: () => WGSL,
    inputs: { dy, x: input },
    outputShape: shape,
    ints: { ...convolutionInts(info), count },
    workgroups: flatWorkgroups(count),
    threads: FLAT_THREADS,
  });
}

const WGSL = `
  fn main(index: i32) {
    if (index >= uniforms.count) { return; }
    let channel = index % uniforms.inChannels;
    let cell = index / uniforms.inChannels;
    let column = cell % uniforms.inWidth;
    let row = cell / uniforms.inWidth % uniforms.inHeight;
    let image = cell / uniforms.inWidth / uniforms.inHeight;
    let value = x[index];
    var sum = 0.0;
    // The windows that hold row and column: output positions o with o · stride ≤ position + padding < o · stride + size.
    let lastRow = min((row + uniforms.padTop) / uniforms.strideHeight, uniforms.outHeight - 1);
    let lastColumn = min((column + uniforms.padLeft) / uniforms.strideWidth, uniforms.outWidth - 1);
    for (var outRow = lastRow; outRow >= 0; outRow--) {
      let top = outRow * uniforms.strideHeight - uniforms.padTop;
      if (top + uniforms.filterHeight <= row) { break; }
      for (var outColumn = lastColumn; outColumn >= 0; outColumn--) {
        let left = outColumn * uniforms.strideWidth - uniforms.padLeft;
        if (left + uniforms.filterWidth <= column) { break; }
        if (isFirstLargest(image, channel, row, column, value, top, left)) {
          sum += dy[((image * uniforms.outHeight + outRow) * uniforms.outWidth + outColumn) * uniforms.inChannels + channel];
        }
      }
    }
    result[index] = sum;
  }
  fn isFirstLargest(image: i32, channel: i32, row: i32, column: i32, value: f32, top: i32, left: i32) -> bool {
    for (var y = max(top, 0); y < min(top + uniforms.filterHeight, uniforms.inHeight); y++) {
      for (var x0 = max(left, 0); x0 < min(left + uniforms.filterWidth, uniforms.inWidth); x0++) {
        let other = x[((image * uniforms.inHeight + y) * uniforms.inWidth + x0) * uniforms.inChannels + channel];
        let before = y < row || (y == row && x0 < column);
        if (other > value || (before && other == value)) { return false; }
      }
    }
    return true;
  }`;
