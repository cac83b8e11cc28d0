import { backend_util, util, type TensorInfo } from '@tensorflow/tfjs-core';
import type {
  DepthwiseConv2dNativeBackpropFilterAttrs,
  DepthwiseConv2dNativeBackpropInputAttrs,
} from '@tensorflow/tfjs-core';
import type { Shape4D } from '../kernels/geometry';
import { convolutionInts } from './convolution';
import { dispatch, FLAT_THREADS, flatWorkgroups, type WebgpuBackend } from './program';
import { sumSlices } from './sumSlices';

interface FilterArgs {
  inputs: Record<'x' | 'dy', TensorInfo>;
  backend: WebgpuBackend;
  attrs: DepthwiseConv2dNativeBackpropFilterAttrs;
}

/** A workgroup has CHANNELS neighbouring filter values of one tap, and LINES threads for each. */
const CHANNELS = 32;
const LINES = 8;
/** Output positions worth a workgroup, and the most of them that share a value. */
const LEAST_POSITIONS = 128;
const MOST_SLICES = 64;

/**
 * Gradient of a depthwise convolution with respect to its filter [kh, kw, C, multiplier]: a sum over output positions
 * for each tap and channel. Twin: the cpu backend's; on wasm kernels/depthwiseBackprop.ts.
 */
export function depthwiseBackpropFilter({ inputs: { x, dy }, backend, attrs }: FilterArgs): TensorInfo {
  const { strides, dilations, pad, dimRoundingMode, filterShape } = attrs;
  const shape = x.shape as Shape4D;
  const info = backend_util.computeConv2DInfo(
    shape,
    filterShape,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    true,
  );
  const positions = info.batchSize * info.outHeight * info.outWidth;
  const slices = Math.max(1, Math.min(MOST_SLICES, Math.floor(positions / LEAST_POSITIONS)));
  const size = util.sizeFromShape(filterShape);
  const out = dispatch(backend, {
    name: 'DepthwiseConv2dNativeBackpropFilter',
    wgsl: () => FILTER_WGSL,
    inputs: { x, dy },
    outputShape: slices === 1 ? filterShape : [slices, size],
    ints: {
      ...convolutionInts(info),
      multiplier: filterShape[3],
      positions,
      slicePositions: Math.ceil(positions / slices),
      outputSize: size,
    },
    workgroups: [Math.ceil(info.outChannels / CHANNELS), info.filterHeight * info.filterWidth, slices],
    threads: CHANNELS * LINES,
  });
  return slices === 1 ? out : sumSlices(backend, out, filterShape);
}

const FILTER_WGSL = `
  const CHANNELS = ${CHANNELS};
  const LINES = ${LINES};
  var<workgroup> sums: array<f32, LINES * CHANNELS>;
  fn main(index: i32) {
    let thread = i32(localIndex);
    let channel = i32(workgroupId.x) * CHANNELS + thread % CHANNELS; // of the output
    let tap = i32(workgroupId.y);
    let slice = i32(workgroupId.z);
    let end = min(uniforms.positions, (slice + 1) * uniforms.slicePositions);
    let tapRow = tap / uniforms.filterWidth * uniforms.dilationHeight - uniforms.padTop;
    let tapColumn = tap % uniforms.filterWidth * uniforms.dilationWidth - uniforms.padLeft;
    var sum = 0.0;
    if (channel < uniforms.outChannels) {
      for (var at = slice * uniforms.slicePositions + thread / CHANNELS; at < end; at += LINES) {
        let line = at / uniforms.outWidth;
        let image = line / uniforms.outHeight;
        let row = (line - image * uniforms.outHeight) * uniforms.strideHeight + tapRow;
        let column = (at - line * uniforms.outWidth) * uniforms.strideWidth + tapColumn;
        if (row < 0 || column < 0 || row >= uniforms.inHeight || column >= uniforms.inWidth) { continue; }
        sum += x[((image * uniforms.inHeight + row) * uniforms.inWidth + column) * uniforms.inChannels
            + channel / uniforms.multiplier] * dy[at * uniforms.outChannels + channel];
      }
    }
    sums[thread] = sum;
    workgroupBarrier();
    if (thread >= CHANNELS || channel >= uniforms.outChannels) { return; }
    for (var line = 1; line < LINES; line++) { sum += sums[line * CHANNELS + thread]; }
    result[slice * uniforms.outputSize + tap * uniforms.outChannels + channel] = sum;
  }`;

interface InputArgs {
  inputs: Record<'dy' | 'filter', TensorInfo>;
  backend: WebgpuBackend;
  attrs: DepthwiseConv2dNativeBackpropInputAttrs;
}

/** Gradient of a depthwise convolution with respect to its input: each value gathers from the taps that met it. */
export function depthwiseBackpropInput({ inputs: { dy, filter }, backend, attrs }: InputArgs): TensorInfo {
  const { strides, dilations, pad, dimRoundingMode, inputShape } = attrs;
  const shape = filter.shape as Shape4D;
  const info = backend_util.computeConv2DInfo(
    inputShape,
    shape,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    true,
  );
  const count = util.sizeFromShape(inputShape);
  return dispatch(backend, {
    name: 'DepthwiseConv2dNativeBackpropInput',
    wgsl: () => INPUT_WGSL,
    inputs: { dy, filterValues: filter },
    outputShape: inputShape,
    ints: { ...convolutionInts(info), multiplier: shape[3], count },
    workgroups: flatWorkgroups(count),
    threads: FLAT_THREADS,
  });
}

const INPUT_WGSL = `
  fn main(index: i32) {
    if (index >= uniforms.count) { return; }
    let channel = index % uniforms.inChannels;
    let cell = index / uniforms.inChannels;
    let column = cell % uniforms.inWidth + uniforms.padLeft;
    let row = cell / uniforms.inWidth % uniforms.inHeight + uniforms.padTop;
    let image = cell / uniforms.inWidth / uniforms.inHeight;
    var sum = 0.0;
    for (var ky = 0; ky < uniforms.filterHeight; ky++) {
      let y = row - ky * uniforms.dilationHeight;
      let outRow = y / uniforms.strideHeight;
      if (y < 0 || y % uniforms.strideHeight != 0 || outRow >= uniforms.outHeight) { continue; }
      for (var kx = 0; kx < uniforms.filterWidth; kx++) {
        let x = column - kx * uniforms.dilationWidth;
        let outColumn = x / uniforms.strideWidth;
        if (x < 0 || x % uniforms.strideWidth != 0 || outColumn >= uniforms.outWidth) { continue; }
        let first = ((image * uniforms.outHeight + outRow) * uniforms.outWidth + outColumn) * uniforms.outChannels
            + channel * uniforms.multiplier;
        let tap = ((ky * uniforms.filterWidth + kx) * uniforms.inChannels + channel) * uniforms.multiplier;
        for (var m = 0; m < uniforms.multiplier; m++) { sum += dy[first + m] * filterValues[tap + m]; }
      }
    }
    result[index] = sum;
  }`;
