import type { backend_util, TensorInfo } from '@tensorflow/tfjs-core';
import { gateName, type GatedInputs } from './gate';
import { phaseInts, phasePositions, PHASES } from './phases';
import { dispatch, type WebgpuBackend } from './program';

/** Up to so many input channels, a product's tile has one column a thread, which then reads more than it multiplies. */
export const FEW_CHANNELS = 16;

const THREADS = 64;

/**
 * Gradient of conv2d with respect to an input of few channels, as a picture is: a thread for each position gathers all
 * of its channels from the taps that met it. A workgroup has one phase (phases.ts), so its threads meet the same taps.
 * Twin: the cpu backend's; on wasm kernels/conv2dBackpropInput.ts.
 */
export function fewChannels(
  backend: WebgpuBackend,
  inputs: GatedInputs,
  info: backend_util.Conv2DInfo,
): TensorInfo {
  const { inChannels, outChannels, strideHeight, strideWidth } = info;
  const rows = phasePositions(info);
  const parts = strideHeight * strideWidth;
  const lanes = outChannels % 4 === 0 ? 4 : 1;
  return dispatch(backend, {
    name: `${gateName(inputs.gate)}Conv2DBackpropInput ${inChannels} channels ${lanes}`,
    wgsl: () => source(inChannels, lanes, inputs.gate !== undefined),
    inputs: { ...inputs },
    vectors: lanes === 4 ? Object.keys(inputs) : [],
    outputShape: info.inShape,
    ints: { ...phaseInts(info), rows, parts },
    workgroups: [Math.ceil(rows / THREADS) * parts, 1, 1], // the backend folds a long row of them
    threads: THREADS,
  });
}

function source(channels: number, lanes: 1 | 4, isGated: boolean): string {
  const zero = lanes === 4 ? 'vec4<f32>()' : '0.0';
  const value = isGated ? `select(${zero}, dy[start + c], gate[start + c] > ${zero})` : 'dy[start + c]';
  const all = Array.from({ length: channels }, (_, i) => i);
  const product = (i: number) =>
    lanes === 4 ? `dot(value, filterValues[to + ${i} * groups])` : `value * filterValues[to + ${i} * groups]`;
  return `
  const LANES = ${lanes};
  const CHANNELS = ${channels};
  const THREADS = ${THREADS};
  var<private> part: i32;
  fn quotient(a: i32, b: i32) -> i32 { return i32(u32(a) / u32(b)); }
  ${PHASES}
  fn main(index: i32) {
    let group = index / THREADS;
    part = group % uniforms.parts;
    let cell = position(group / uniforms.parts * THREADS + i32(localIndex));
    if (cell.w == 0) { return; }
    // dy's row and column that the phase's first tap meets; the others lie before it.
    let origin = (cell.yz + padding() - phase()) / strides();
    let groups = uniforms.outChannels / LANES;
    ${all.map((i) => `var sum${i} = 0.0;`).join(' ')}
    for (var ky = 0; ky < taps().x; ky++) {
      let y = origin.x - ky * uniforms.dilationHeight;
      if (y < 0 || y >= uniforms.outHeight) { continue; }
      for (var kx = 0; kx < taps().y; kx++) {
        let x = origin.y - kx * uniforms.dilationWidth;
        if (x < 0 || x >= uniforms.outWidth) { continue; }
        let tap = phase() + vec2<i32>(ky, kx) * strides();
        let start = ((cell.x * uniforms.outHeight + y) * uniforms.outWidth + x) * groups;
        let first = (tap.x * uniforms.filterWidth + tap.y) * CHANNELS * groups;
        for (var c = 0; c < groups; c++) {
          let value = ${value};
          let to = first + c;
          ${all.map((i) => `sum${i} += ${product(i)};`).join('\n          ')}
        }
      }
    }
    let at = ((cell.x * uniforms.inHeight + cell.y) * uniforms.inWidth + cell.z) * CHANNELS;
    ${all.map((i) => `result[at + ${i}] = sum${i};`).join(' ')}
  }`;
}
