import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { convolutionOf, type FilterGradient } from '../kernels/geometry';
import { COLUMN_SUMS, COLUMN_THREADS, COLUMNS } from './columnSums';
import { convolutionInts } from './convolution';
import { dispatch, type WebgpuBackend } from './program';
import { addedSlices, slicesOf } from './sumSlices';

/** Output positions worth a slice, and the most of them. */
const SLICES = { least: 128, most: 64 };

/**
 * Gradient of a depthwise convolution with respect to its filter [kh, kw, C, multiplier]: a sum over output positions
 * for each tap and channel. Twin: the cpu backend's; on wasm kernels/depthwiseBackpropFilter.ts.
 */
export function depthwiseBackpropFilter({
  inputs: { x, dy },
  backend,
  attrs,
}: FilterGradient<WebgpuBackend>): TensorInfo {
  const { filterShape } = attrs;
  const info = convolutionOf('depthwise', x.shape, filterShape, attrs);
  const positions = info.batchSize * info.outHeight * info.outWidth;
  const slices = slicesOf(positions, SLICES);
  return addedSlices(backend, slices, filterShape, (outputShape) =>
    dispatch(backend, {
      name: 'DepthwiseConv2dNativeBackpropFilter',
      wgsl: () => WGSL,
      inputs: { x, dy },
      outputShape,
      ints: {
        ...convolutionInts(info),
        multiplier: filterShape[3],
        positions,
        slicePositions: Math.ceil(positions / slices),
        outputSize: util.sizeFromShape(filterShape),
      },
      workgroups: [Math.ceil(info.outChannels / COLUMNS), info.filterHeight * info.filterWidth, slices],
      threads: COLUMN_THREADS,
    }),
  );
}

/** A column is a channel of the output; a workgroup has one tap. */
const WGSL = `${COLUMN_SUMS}
  fn main(index: i32) {
    let channel = columnOf();
    let tap = i32(workgroupId.y);
    let slice = i32(workgroupId.z);
    let end = min(uniforms.positions, (slice + 1) * uniforms.slicePositions);
    let tapRow = tap / uniforms.filterWidth * uniforms.dilationHeight - uniforms.padTop;
    let tapColumn = tap % uniforms.filterWidth * uniforms.dilationWidth - uniforms.padLeft;
    var mine = 0.0;
    if (channel < uniforms.outChannels) {
      for (var at = slice * uniforms.slicePositions + lineOf(); at < end; at += LINES) {
        let line = at / uniforms.outWidth;
        let image = line / uniforms.outHeight;
        let row = (line - image * uniforms.outHeight) * uniforms.strideHeight + tapRow;
        let column = (at - line * uniforms.outWidth) * uniforms.strideWidth + tapColumn;
        if (row < 0 || column < 0 || row >= uniforms.inHeight || column >= uniforms.inWidth) { continue; }
        mine += x[((image * uniforms.inHeight + row) * uniforms.inWidth + column) * uniforms.inChannels
            + channel / uniforms.multiplier] * dy[at * uniforms.outChannels + channel];
      }
    }
    let sum = sumOfLines(mine);
    if (lineOf() > 0 || channel >= uniforms.outChannels) { return; }
    result[slice * uniforms.outputSize + tap * uniforms.outChannels + channel] = sum;
  }`;
