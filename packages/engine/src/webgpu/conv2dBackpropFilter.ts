import type { TensorInfo } from '@tensorflow/tfjs-core';
import { convolutionOf, type FilterGradient } from '../kernels/geometry';
import { convolutionInts, isPointwise } from './convolution';
import { matrixFactor, windowsFactor } from './factors';
import { gateInput, gateName, gateOf } from './gate';
import { matrixProduct } from './matrixProduct';
import { ROW_MAJOR, type MatrixProduct } from './matrixProductWgsl';
import type { CopyingBackend } from './packed';
import type { WebgpuBackend } from './program';
import { withColumnSums } from './withColumnSums';

/**
 * Gradient of conv2d with respect to its filter: `[kh · kw · Cin, N · Ho · Wo] × [N · Ho · Wo, Cout]`, where the first is
 * x as its windows see it, never written out. Twin: the cpu backend's; on wasm kernels/conv2dBackpropFilter.ts.
 */
export function conv2dBackpropFilter(args: FilterGradient<WebgpuBackend>): TensorInfo {
  return matrixProduct(args.backend, filterGradient(args));
}

/**
 * … and with respect to the bias too, Σ dy over all positions, which all of dy's tiles pass by for. Two copies instead of
 * the two dispatches of a sum.
 */
export function fusedConv2dBackpropFilter(args: FilterGradient<CopyingBackend>): TensorInfo[] {
  return withColumnSums(args.backend, filterGradient(args));
}

function filterGradient({ inputs: { x, dy, gate }, attrs }: FilterGradient<WebgpuBackend>): MatrixProduct {
  const info = convolutionOf('conv2d', x.shape, attrs.filterShape, attrs);
  const { batchSize, outHeight, outWidth, filterHeight, filterWidth, inChannels, outChannels } = info;
  return {
    name: `${gateName(gate)}${isPointwise(info) ? 'Pointwise' : ''}Conv2DBackpropFilter`,
    inputs: { x, dy, ...gateInput(gate) },
    outputShape: attrs.filterShape,
    ints: convolutionInts(info),
    rows: filterHeight * filterWidth * inChannels,
    columns: outChannels,
    steps: batchSize * outHeight * outWidth,
    a: windowsFactor('taps', info),
    b: { ...matrixFactor('dy', 'columns', { along: 'row', length: outChannels }), ...gateOf(gate) },
    rowStart: ROW_MAJOR,
  };
}
