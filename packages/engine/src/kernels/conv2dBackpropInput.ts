import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { getKernel, type backend_util, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import { convolutionOf, type InputGradient, type Shape4D } from './geometry';
import { sliceTensor } from './slice';
import { makeZeros, pointerOf, wasmKernels } from './wasmHeap';

/**
 * One axis of one phase. With stride s, input positions fall into s phases by (position + padding) mod s, and each
 * phase sees every s-th tap only: its gradient is a convolution of dy, stride 1, with those taps in reverse.
 */
interface Phase {
  /** Taps of the filter, the last one first: the order in which the convolution below reads them. */
  taps: number[];
  /** Distance of the taps in dy. */
  dilation: number;
  /** First input position of the phase, and how many there are, `stride` apart. */
  first: number;
  count: number;
  /** Zeros before and after dy; below 0 where dy's edge is not needed. */
  before: number;
  after: number;
}

/** Gradient of conv2d with respect to its input, NHWC, as forward convolutions: those run on XNNPACK. */
export function conv2dBackpropInput({
  inputs: { dy, filter },
  backend,
  attrs,
}: InputGradient<BackendWasm>): TensorInfo {
  const info = convolutionOf('conv2d', attrs.inputShape, filter.shape, attrs);
  const { strideHeight, strideWidth } = info;
  const [rows, columns] = phasesOf(info);
  if (strideHeight === 1 && strideWidth === 1) {
    return phaseGradient(backend, dy, filter, rows[0]!, columns[0]!);
  }
  const out = makeZeros(backend, attrs.inputShape);
  for (const row of rows) {
    for (const column of columns) {
      const part = phaseGradient(backend, dy, filter, row, column);
      scatter(backend, part, out, row, column, info);
      backend.disposeData(part.dataId);
    }
  }
  return out;
}

/** The phases of the rows and of the columns. */
function phasesOf(info: backend_util.Conv2DInfo): [Phase[], Phase[]] {
  const { padInfo } = info;
  return [
    phases(
      info.strideHeight,
      info.dilationHeight,
      info.filterHeight,
      padInfo.top,
      info.inHeight,
      info.outHeight,
    ),
    phases(info.strideWidth, info.dilationWidth, info.filterWidth, padInfo.left, info.inWidth, info.outWidth),
  ];
}

/** The phases along one axis that have a tap and a position; of stride and dilation, one is 1. */
function phases(
  stride: number,
  dilation: number,
  size: number,
  padding: number,
  inSize: number,
  outSize: number,
): Phase[] {
  const found: Phase[] = [];
  for (let phase = 0; phase < stride; phase++) {
    const taps: number[] = [];
    for (let tap = phase; tap < size; tap += stride) taps.unshift(tap);
    // Position of input i: i + padding = step · stride + phase; dy's index is step − (number of the tap).
    const firstStep = Math.max(0, Math.ceil((padding - phase) / stride));
    const first = firstStep * stride + phase - padding;
    const count = Math.ceil((inSize - first) / stride);
    if (taps.length === 0 || count <= 0) continue;
    const before = (taps.length - 1) * dilation - firstStep;
    found.push({ taps, dilation, first, count, before, after: firstStep + count - outSize });
  }
  return found;
}

function phaseGradient(
  backend: BackendWasm,
  dy: TensorInfo,
  filter: TensorInfo,
  row: Phase,
  column: Phase,
): TensorInfo {
  const turned = turnFilter(backend, filter, row.taps, column.taps);
  const cropped = crop(backend, dy, row, column);
  const pad: backend_util.ExplicitPadding = [
    [0, 0],
    [Math.max(row.before, 0), Math.max(row.after, 0)],
    [Math.max(column.before, 0), Math.max(column.after, 0)],
    [0, 0],
  ];
  const attrs = {
    strides: 1,
    pad,
    dataFormat: 'NHWC',
    dilations: [row.dilation, column.dilation],
    dimRoundingMode: undefined,
  };
  const conv2d: KernelFunc = getKernel('Conv2D', 'wasm').kernelFunc;
  const out = conv2d({
    inputs: { x: cropped, filter: turned },
    backend,
    attrs: attrs as never,
  }) as TensorInfo;
  backend.disposeData(turned.dataId);
  if (cropped !== dy) backend.disposeData(cropped.dataId);
  return out;
}

/** The given taps of the filter [kh, kw, C, Co], in the given order, each transposed: [rows, columns, Co, C]. */
function turnFilter(backend: BackendWasm, filter: TensorInfo, rows: number[], columns: number[]): TensorInfo {
  const [, width, channels, outChannels] = filter.shape as Shape4D;
  const out = backend.makeOutput([rows.length, columns.length, outChannels, channels], 'float32');
  const size = channels * outChannels * 4;
  const from = pointerOf(backend, filter);
  let to = pointerOf(backend, out);
  for (const row of rows) {
    for (const column of columns) {
      wasmKernels().transpose(from + (row * width + column) * size, to, channels, outChannels);
      to += size;
    }
  }
  return out;
}

/** dy without the edges that a negative padding cuts off. */
function crop(backend: BackendWasm, dy: TensorInfo, row: Phase, column: Phase): TensorInfo {
  const [n, height, width, channels] = dy.shape as Shape4D;
  const top = Math.max(-row.before, 0);
  const left = Math.max(-column.before, 0);
  const bottom = Math.max(-row.after, 0);
  const right = Math.max(-column.after, 0);
  if (top + left + bottom + right === 0) return dy;
  const size = [n, height - top - bottom, width - left - right, channels];
  return sliceTensor(backend, dy, [0, top, left, 0], size);
}

/** Writes the pixels of a phase to their places. */
function scatter(
  backend: BackendWasm,
  part: TensorInfo,
  out: TensorInfo,
  row: Phase,
  column: Phase,
  info: backend_util.Conv2DInfo,
): void {
  const { batchSize, inHeight, inWidth, inChannels, strideHeight, strideWidth } = info;
  let from = pointerOf(backend, part);
  const to = pointerOf(backend, out);
  for (let image = 0; image < batchSize; image++) {
    for (let i = 0; i < row.count; i++) {
      const y = image * inHeight + row.first + i * strideHeight;
      const target = to + (y * inWidth + column.first) * inChannels * 4;
      wasmKernels().copyRows(from, target, column.count, inChannels, inChannels, strideWidth * inChannels);
      from += column.count * inChannels * 4;
    }
  }
}
