import type { backend_util } from '@tensorflow/tfjs-core';
import { isPointwise } from './convolution';
import type { Factor } from './productTile';

/**
 * A matrix as it lies in `array`: A's rows or B's columns along memory, or the places of the sum.
 *
 * @param length of a line in memory
 */
export function matrixFactor(
  array: string,
  of: 'rows' | 'columns',
  { along, length }: { along: Factor['along']; length: number },
): Factor {
  const [row, step] = along === 'row' ? ['at', `at * uniforms.${of}`] : ['at * uniforms.steps', 'at'];
  return {
    array,
    along,
    inFours: length % 4 === 0,
    row: `return vec4<i32>(${row}, 0, 0, i32(at < uniforms.${of}));`,
    step: `return vec4<i32>(${step}, 0, 0, i32(at < end));`,
    index: 'return select(-1, row.x + step.x, row.w * step.w != 0);',
  };
}

/** WGSL: an output position, as the first row and column that its window sees. */
const position = (isInside: string) => `
  let line = quotient(at, uniforms.outWidth);
  let image = quotient(line, uniforms.outHeight);
  return vec4<i32>(
    (line - image * uniforms.outHeight) * uniforms.strideHeight - uniforms.padTop,
    (at - line * uniforms.outWidth) * uniforms.strideWidth - uniforms.padLeft,
    image * uniforms.inHeight,
    i32(${isInside}));`;

/** WGSL: a tap, as its distance, and a channel. */
const tap = (isInside: string) => `
  let tap = quotient(at, uniforms.inChannels);
  let ky = quotient(tap, uniforms.filterWidth);
  let kx = tap - ky * uniforms.filterWidth;
  return vec4<i32>(
    ky * uniforms.dilationHeight,
    kx * uniforms.dilationWidth,
    at - tap * uniforms.inChannels,
    i32(${isInside}));`;

/** x as its windows see it, never written out: output positions × (taps · Cin), or, with taps as `rows`, turned. */
export function windowsFactor(rows: 'positions' | 'taps', info: backend_util.Conv2DInfo): Factor {
  if (isPointwise(info))
    return matrixFactor('x', 'rows', {
      along: rows === 'positions' ? 'step' : 'row',
      length: info.inChannels,
    });
  const [isRow, isStep] = ['at < uniforms.rows', 'at < end'];
  const [row, step] = rows === 'positions' ? [position(isRow), tap(isStep)] : [tap(isRow), position(isStep)];
  const [first, offset] = rows === 'positions' ? ['row', 'step'] : ['step', 'row'];
  return {
    array: 'x',
    along: rows === 'positions' ? 'step' : 'row',
    inFours: info.inChannels % 4 === 0,
    row,
    step,
    index: `
  let at = row.xy + step.xy;
  let inside = row.w * step.w != 0 && all(at >= vec2<i32>(0)) && at.x < uniforms.inHeight && at.y < uniforms.inWidth;
  return select(-1, ((${first}.z + at.x) * uniforms.inWidth + at.y) * uniforms.inChannels + ${offset}.z, inside);`,
  };
}
