import type { TensorInfo } from '@tensorflow/tfjs-core';
import { convolutionOf, type InputGradient } from '../kernels/geometry';
import { CELL_OF, convolutionInts } from './convolution';
import { dispatchValues, type WebgpuBackend } from './program';

/**
 * Gradient of a depthwise convolution with respect to its input: each value gathers from the taps that met it, four
 * channels a thread where they come in fours. Twin: the cpu backend's; on wasm kernels/depthwiseBackpropInput.ts.
 */
export function depthwiseBackpropInput({
  inputs: { dy, filter },
  backend,
  attrs,
}: InputGradient<WebgpuBackend>): TensorInfo {
  const info = convolutionOf('depthwise', attrs.inputShape, filter.shape, attrs);
  const multiplier = filter.shape[3]!;
  const lanes = multiplier === 1 && info.inChannels % 4 === 0 ? 4 : 1;
  return dispatchValues(backend, {
    name: `DepthwiseConv2dNativeBackpropInput ${lanes}`,
    wgsl: () => `alias Value = ${lanes === 4 ? 'vec4<f32>' : 'f32'};${WGSL}`,
    inputs: { dy, filterValues: filter },
    vectors: lanes === 4 ? ['dy', 'filterValues', 'result'] : [],
    outputShape: attrs.inputShape,
    ints: {
      ...convolutionInts(info),
      inChannels: info.inChannels / lanes,
      outChannels: info.outChannels / lanes,
      multiplier,
    },
  });
}

const WGSL = `${CELL_OF}
  fn valueAt(index: i32) -> Value {
    let cell = cellOf(index);
    let reached = vec2<i32>(cell.row + uniforms.padTop, cell.column + uniforms.padLeft);
    let strides = vec2<i32>(uniforms.strideHeight, uniforms.strideWidth);
    // Only every stride-th tap met this cell; the first of them at dy's origin, the others before it.
    let phase = reached % strides;
    let origin = reached / strides;
    var sum = Value();
    var y = origin.x;
    for (var ky = phase.x; ky < uniforms.filterHeight; ky += strides.x) {
      var x = origin.y;
      for (var kx = phase.y; kx < uniforms.filterWidth; kx += strides.y) {
        if (y >= 0 && y < uniforms.outHeight && x >= 0 && x < uniforms.outWidth) {
          let position = (cell.image * uniforms.outHeight + y) * uniforms.outWidth + x;
          let first = position * uniforms.outChannels + cell.channel * uniforms.multiplier;
          let tap = ((ky * uniforms.filterWidth + kx) * uniforms.inChannels + cell.channel) * uniforms.multiplier;
          for (var m = 0; m < uniforms.multiplier; m++) { sum += dy[first + m] * filterValues[tap + m]; }
        }
        x -= uniforms.dilationWidth;
      }
      y -= uniforms.dilationHeight;
    }
    return sum;
  }`;
