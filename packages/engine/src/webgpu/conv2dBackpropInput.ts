import type { backend_util, TensorInfo } from '@tensorflow/tfjs-core';
import { convolutionOf, type InputGradient } from '../kernels/geometry';
import { FEW_CHANNELS, fewChannels } from './conv2dBackpropFewChannels';
import { isPointwise } from './convolution';
import { matrixFactor } from './factors';
import { gateInput, gateName, gateOf, type GatedInputs } from './gate';
import { matrixProduct } from './matrixProduct';
import { ROW_MAJOR } from './matrixProductWgsl';
import type { Factor } from './productTile';
import { phaseInts, phasePositions, PHASES } from './phases';
import type { WebgpuBackend } from './program';

/**
 * Gradient of conv2d with respect to its input: input positions × (taps · Cout) × Cin. With stride s the positions fall
 * into phases by (position + padding) mod s, and each phase meets every s-th tap only: a phase is a part of its own, so
 * that no product with a zero is made. Where Cin is small the tiles would be mostly empty: conv2dBackpropFewChannels.ts.
 * Twin: the cpu backend's; on wasm kernels/conv2dBackpropInput.ts.
 */
export function conv2dBackpropInput({
  inputs: { dy, filter, gate },
  backend,
  attrs,
}: InputGradient<WebgpuBackend>): TensorInfo {
  const info = convolutionOf('conv2d', attrs.inputShape, filter.shape, attrs);
  const inputs = { dy, filterValues: filter, ...gateInput(gate) };
  if (info.inChannels <= FEW_CHANNELS) return fewChannels(backend, inputs, info);
  if (isPointwise(info)) return pointwise(backend, inputs, info);
  const { filterHeight, filterWidth, strideHeight, strideWidth, outChannels } = info;
  return matrixProduct(backend, {
    name: `${gateName(gate)}Conv2DBackpropInput`,
    inputs,
    outputShape: attrs.inputShape,
    ints: phaseInts(info),
    rows: phasePositions(info),
    columns: info.inChannels,
    steps: Math.ceil(filterHeight / strideHeight) * Math.ceil(filterWidth / strideWidth) * outChannels,
    parts: strideHeight * strideWidth,
    stepsOfPart: 'taps().x * taps().y * uniforms.outChannels',
    helpers: PHASES,
    a: { ...DY, ...gateOf(gate), inFours: outChannels % 4 === 0 },
    b: { ...TURNED_FILTER, inFours: outChannels % 4 === 0 },
    rowStart: `
    let cell = position(m);
    if (cell.w == 0) { return -1; }
    return ((cell.x * uniforms.inHeight + cell.y) * uniforms.inWidth + cell.z) * uniforms.inChannels;`,
  });
}

/** One tap and one phase: dy times the filter turned, as they lie. */
function pointwise(backend: WebgpuBackend, inputs: GatedInputs, info: backend_util.Conv2DInfo): TensorInfo {
  const { gate } = inputs;
  const alongChannels = { along: 'step', length: info.outChannels } as const;
  return matrixProduct(backend, {
    name: `${gateName(gate)}PointwiseConv2DBackpropInput`,
    inputs,
    outputShape: info.inShape,
    ints: {},
    rows: info.batchSize * info.inHeight * info.inWidth,
    columns: info.inChannels,
    steps: info.outChannels,
    a: { ...matrixFactor('dy', 'rows', alongChannels), ...gateOf(gate) },
    b: matrixFactor('filterValues', 'columns', alongChannels),
    rowStart: ROW_MAJOR,
  });
}

/** dy as the taps meet it: input positions × (taps · Cout). */
const DY: Omit<Factor, 'inFours'> = {
  array: 'dy',
  along: 'step',
  // An input position, as the output row and column of its phase's first tap.
  row: `
      let cell = position(at);
      let origin = (cell.yz + padding() - phase()) / strides();
      return vec4<i32>(origin, cell.x * uniforms.outHeight, cell.w);`,
  // A tap of the phase, as the distance in dy, and a channel.
  step: `
      let tap = quotient(at, uniforms.outChannels);
      let row = quotient(tap, max(taps().y, 1));
      return vec4<i32>(
        row * uniforms.dilationHeight,
        (tap - row * taps().y) * uniforms.dilationWidth,
        at - tap * uniforms.outChannels,
        i32(at < end));`,
  index: `
      let at = row.xy - step.xy;
      let inside = row.w * step.w != 0 && all(at >= vec2<i32>(0)) && at.x < uniforms.outHeight && at.y < uniforms.outWidth;
      return select(-1, ((row.z + at.x) * uniforms.outWidth + at.y) * uniforms.outChannels + step.z, inside);`,
};

/** The filter with its channels exchanged: (taps · Cout) × Cin. */
const TURNED_FILTER: Omit<Factor, 'inFours'> = {
  array: 'filterValues',
  along: 'step',
  row: 'return vec4<i32>(at * uniforms.outChannels, 0, 0, i32(at < uniforms.columns));',
  step: `
      let tap = quotient(at, uniforms.outChannels);
      let row = quotient(tap, max(taps().y, 1));
      let k = phase() + vec2<i32>(row, tap - row * taps().y) * strides();
      let first = (k.x * uniforms.filterWidth + k.y) * uniforms.inChannels * uniforms.outChannels;
      return vec4<i32>(first + at - tap * uniforms.outChannels, 0, 0, i32(at < end));`,
  index: 'return select(-1, step.x + row.x, row.w * step.w != 0);',
};
