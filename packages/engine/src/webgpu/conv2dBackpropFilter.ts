import type { TensorInfo } from '@tensorflow/tfjs-core';
import { convolutionOf, type FilterGradient } from '../kernels/geometry';
import { convolutionInts } from './convolution';
import { matrixProduct } from './matrixProduct';
import { ROW_MAJOR, type MatrixProduct } from './matrixProductWgsl';
import type { Factor } from './productTile';
import { unpack, type CopyingBackend } from './packed';
import type { WebgpuBackend } from './program';

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
  const { backend } = args;
  const product = filterGradient(args);
  const sizes = [product.rows * product.columns, product.columns];
  const packing = { starts: [0, sizes[0]!], sizes, total: sizes[0]! + sizes[1]! };
  const packed = matrixProduct(backend, {
    ...product,
    name: 'FusedConv2DBackpropFilter',
    outputShape: [packing.total],
    columnSums: true,
  });
  const gradients = unpack(backend, packed, packing, [product.outputShape, [product.columns]]);
  backend.disposeData(packed.dataId);
  return gradients;
}

function filterGradient({ inputs: { x, dy }, attrs }: FilterGradient<WebgpuBackend>): MatrixProduct {
  const info = convolutionOf('conv2d', x.shape, attrs.filterShape, attrs);
  const { batchSize, outHeight, outWidth, filterHeight, filterWidth, inChannels, outChannels } = info;
  return {
    name: 'Conv2DBackpropFilter',
    inputs: { x, dy },
    outputShape: attrs.filterShape,
    ints: convolutionInts(info),
    rows: filterHeight * filterWidth * inChannels,
    columns: outChannels,
    steps: batchSize * outHeight * outWidth,
    a: { ...WINDOWS, inFours: inChannels % 4 === 0 },
    b: { ...DY, inFours: outChannels % 4 === 0 },
    place: ROW_MAJOR,
  };
}

/** x as its windows see it: (taps · Cin) × output positions. */
const WINDOWS: Omit<Factor, 'inFours'> = {
  array: 'x',
  along: 'row',
  // A tap and a channel.
  row: `
  let tap = quotient(at, uniforms.inChannels);
  let ky = quotient(tap, uniforms.filterWidth);
  let kx = tap - ky * uniforms.filterWidth;
  return vec4<i32>(
    ky * uniforms.dilationHeight - uniforms.padTop,
    kx * uniforms.dilationWidth - uniforms.padLeft,
    at - tap * uniforms.inChannels,
    i32(at < uniforms.rows));`,
  // An output position, as the first row and column that its window sees.
  step: `
  let line = quotient(at, uniforms.outWidth);
  let image = quotient(line, uniforms.outHeight);
  return vec4<i32>(
    (line - image * uniforms.outHeight) * uniforms.strideHeight,
    (at - line * uniforms.outWidth) * uniforms.strideWidth,
    image * uniforms.inHeight,
    i32(at < end));`,
  index: `
  let at = row.xy + step.xy;
  let inside = row.w * step.w != 0 && all(at >= vec2<i32>(0)) && at.x < uniforms.inHeight && at.y < uniforms.inWidth;
  return select(-1, ((step.z + at.x) * uniforms.inWidth + at.y) * uniforms.inChannels + row.z, inside);`,
};

/** dy as it lies: output positions × Cout. */
const DY: Omit<Factor, 'inFours'> = {
  array: 'dy',
  along: 'row',
  row: 'return vec4<i32>(at, 0, 0, i32(at < uniforms.columns));',
  step: 'return vec4<i32>(at * uniforms.columns, 0, 0, i32(at < end));',
  index: 'return select(-1, step.x + row.x, row.w * step.w != 0);',
};
