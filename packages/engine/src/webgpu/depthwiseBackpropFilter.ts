import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { convolutionOf, type FilterGradient } from '../kernels/geometry';
import { convolutionInts } from './convolution';
import { dispatchValues, type WebgpuBackend } from './program';
import { addedSlices, slicesOf } from './sumSlices';

/** Output positions worth a slice, and the most slices. */
const LEAST_POSITIONS = 64;
const MOST_SLICES = 128;

/**
 * Gradient of a depthwise convolution with respect to its filter [kh, kw, C, multiplier]: a sum over output positions
 * for each tap and channel, by a thread for each and for each slice of the output's lines. Neighbouring threads have
 * neighbouring channels. Twin: the cpu backend's; on wasm kernels/depthwiseBackpropFilter.ts.
 */
export function depthwiseBackpropFilter({
  inputs: { x, dy },
  backend,
  attrs,
}: FilterGradient<WebgpuBackend>): TensorInfo {
  const { filterShape } = attrs;
  const info = convolutionOf('depthwise', x.shape, filterShape, attrs);
  const lines = info.batchSize * info.outHeight;
  const slices = slicesOf(lines, { least: Math.ceil(LEAST_POSITIONS / info.outWidth), most: MOST_SLICES });
  return addedSlices(backend, { slices, outputShape: filterShape }, (outputShape) =>
    dispatchValues(backend, {
      name: 'DepthwiseConv2dNativeBackpropFilter',
      wgsl: () => WGSL,
      inputs: { x, dy },
      outputShape,
      ints: {
        ...convolutionInts(info),
        multiplier: filterShape[3],
        lines,
        sliceLines: Math.ceil(lines / slices),
        outputSize: util.sizeFromShape(filterShape),
      },
    }),
  );
}

const WGSL = `
  fn valueAt(index: i32) -> f32 {
    let slice = index / uniforms.outputSize;
    let value = index % uniforms.outputSize;
    let tap = value / uniforms.outChannels;
    let channel = value % uniforms.outChannels;
    let tapRow = tap / uniforms.filterWidth * uniforms.dilationHeight - uniforms.padTop;
    let tapColumn = tap % uniforms.filterWidth * uniforms.dilationWidth - uniforms.padLeft;
    // The output columns that this tap met inside the input.
    let stride = uniforms.strideWidth;
    let first = max(0, (stride - 1 - tapColumn) / stride);
    let last = min(uniforms.outWidth, (uniforms.inWidth - tapColumn + stride - 1) / stride);
    let end = min(uniforms.lines, (slice + 1) * uniforms.sliceLines);
    var sum = 0.0;
    for (var line = slice * uniforms.sliceLines; line < end; line++) {
      let image = line / uniforms.outHeight;
      let row = (line - image * uniforms.outHeight) * uniforms.strideHeight + tapRow;
      if (row < 0 || row >= uniforms.inHeight) { continue; }
      let column = first * stride + tapColumn;
      var seen = ((image * uniforms.inHeight + row) * uniforms.inWidth + column) * uniforms.inChannels
        + channel / uniforms.multiplier;
      var given = (line * uniforms.outWidth + first) * uniforms.outChannels + channel;
      for (var i = first; i < last; i++) {
        sum += x[seen] * dy[given];
        seen += stride * uniforms.inChannels;
        given += uniforms.outChannels;
      }
    }
    return sum;
  }`;
