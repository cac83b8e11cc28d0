import type { TensorInfo } from '@tensorflow/tfjs-core';
import { convolutionOf, type InputGradient } from '../kernels/geometry';
import { CELL_OF, convolutionInts } from './convolution';
import { dispatchValues, type WebgpuBackend } from './program';

/**
 * Gradient of a depthwise convolution with respect to its input: each value gathers from the taps that met it. Twin: the
 * cpu backend's; on wasm kernels/depthwiseBackpropInput.ts.
 */
export function depthwiseBackpropInput({
  inputs: { dy, filter },
  backend,
  attrs,
}: InputGradient<WebgpuBackend>): TensorInfo {
  const info = convolutionOf('depthwise', attrs.inputShape, filter.shape, attrs);
  return dispatchValues(backend, {
    name: 'DepthwiseConv2dNativeBackpropInput',
    wgsl: () => WGSL,
    inputs: { dy, filterValues: filter },
    outputShape: attrs.inputShape,
    ints: { ...convolutionInts(info), multiplier: filter.shape[3]! },
  });
}

const WGSL = `${CELL_OF}
  fn valueAt(index: i32) -> f32 {
    let cell = cellOf(index);
    var sum = 0.0;
    for (var ky = 0; ky < uniforms.filterHeight; ky++) {
      let y = cell.row + uniforms.padTop - ky * uniforms.dilationHeight;
      let outRow = y / uniforms.strideHeight;
      if (y < 0 || y % uniforms.strideHeight != 0 || outRow >= uniforms.outHeight) { continue; }
      for (var kx = 0; kx < uniforms.filterWidth; kx++) {
        let x = cell.column + uniforms.padLeft - kx * uniforms.dilationWidth;
        let outColumn = x / uniforms.strideWidth;
        if (x < 0 || x % uniforms.strideWidth != 0 || outColumn >= uniforms.outWidth) { continue; }
        let position = (cell.image * uniforms.outHeight + outRow) * uniforms.outWidth + outColumn;
        let first = position * uniforms.outChannels + cell.channel * uniforms.multiplier;
        let tap = (ky * uniforms.filterWidth + kx) * uniforms.inChannels + cell.channel;
        for (var m = 0; m < uniforms.multiplier; m++) {
          sum += dy[first + m] * filterValues[tap * uniforms.multiplier + m];
        }
      }
    }
    return sum;
  }`;
