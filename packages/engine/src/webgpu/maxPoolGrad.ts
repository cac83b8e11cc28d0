import { backend_util, type MaxPoolGradAttrs, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Shape4D } from '../kernels/geometry';
import { CELL_OF, convolutionInts } from './convolution';
import { dispatchValues, type WebgpuBackend } from './program';

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
  return dispatchValues(backend, {
    name: 'MaxPoolGrad',
    wgsl: () => WGSL,
    inputs: { dy, x: input },
    outputShape: shape,
    ints: convolutionInts(info),
  });
}

const WGSL = `${CELL_OF}
  fn valueAt(index: i32) -> f32 {
    let cell = cellOf(index);
    let value = x[index];
    var sum = 0.0;
    // The windows that hold row and column: output positions o with o · stride ≤ position + padding < o · stride + size.
    let lastRow = min((cell.row + uniforms.padTop) / uniforms.strideHeight, uniforms.outHeight - 1);
    let lastColumn = min((cell.column + uniforms.padLeft) / uniforms.strideWidth, uniforms.outWidth - 1);
    for (var outRow = lastRow; outRow >= 0; outRow--) {
      let top = outRow * uniforms.strideHeight - uniforms.padTop;
      if (top + uniforms.filterHeight <= cell.row) { break; }
      for (var outColumn = lastColumn; outColumn >= 0; outColumn--) {
        let left = outColumn * uniforms.strideWidth - uniforms.padLeft;
        if (left + uniforms.filterWidth <= cell.column) { break; }
        if (isFirstLargest(cell, value, top, left)) {
          sum += dy[((cell.image * uniforms.outHeight + outRow) * uniforms.outWidth + outColumn) * uniforms.inChannels
            + cell.channel];
        }
      }
    }
    return sum;
  }
  fn isFirstLargest(cell: Cell, value: f32, top: i32, left: i32) -> bool {
    for (var y = max(top, 0); y < min(top + uniforms.filterHeight, uniforms.inHeight); y++) {
      for (var x0 = max(left, 0); x0 < min(left + uniforms.filterWidth, uniforms.inWidth); x0++) {
        let other = x[((cell.image * uniforms.inHeight + y) * uniforms.inWidth + x0) * uniforms.inChannels + cell.channel];
        let before = y < cell.row || (y == cell.row && x0 < cell.column);
        if (other > value || (before && other == value)) { return false; }
      }
    }
    return true;
  }`;
