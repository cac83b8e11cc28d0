import type { backend_util } from '@tensorflow/tfjs-core';
import { convolutionInts } from './convolution';

type Info = backend_util.Conv2DInfo;

const phaseSides = ({ inHeight, inWidth, strideHeight, strideWidth }: Info) => ({
  phaseHeight: Math.ceil(inHeight / strideHeight),
  phaseWidth: Math.ceil(inWidth / strideWidth),
});

/** Input positions of the largest phase, of all images. */
export function phasePositions(info: Info): number {
  const { phaseHeight, phaseWidth } = phaseSides(info);
  return info.batchSize * phaseHeight * phaseWidth;
}

/** The uniforms that `PHASES` reads, but for `rows`, the positions. */
export const phaseInts = (info: Info): Record<string, number> => ({
  ...convolutionInts(info),
  ...phaseSides(info),
});

/**
 * WGSL: input positions by phase, (position + padding) mod stride, of which the private variable `part` names one. A
 * position meets only the taps of its phase, every stride-th.
 */
export const PHASES = `
  fn strides() -> vec2<i32> { return vec2<i32>(uniforms.strideHeight, uniforms.strideWidth); }
  fn padding() -> vec2<i32> { return vec2<i32>(uniforms.padTop, uniforms.padLeft); }
  fn phase() -> vec2<i32> { return vec2<i32>(part / uniforms.strideWidth, part % uniforms.strideWidth); }
  // How many taps a phase has, down and across: of stride and dilation, one is 1.
  fn taps() -> vec2<i32> {
    let sides = vec2<i32>(uniforms.filterHeight, uniforms.filterWidth);
    return max((sides - phase() + strides() - 1) / strides(), vec2<i32>(0));
  }
  // Image, row, column of a phase's position, and whether there is one.
  fn position(at: i32) -> vec4<i32> {
    let line = quotient(at, uniforms.phaseWidth);
    let image = quotient(line, uniforms.phaseHeight);
    let steps = vec2<i32>(line - image * uniforms.phaseHeight, at - line * uniforms.phaseWidth);
    let first = ((phase() - padding()) % strides() + strides()) % strides();
    let cell = first + steps * strides();
    let inside = at < uniforms.rows && cell.x < uniforms.inHeight && cell.y < uniforms.inWidth;
    return vec4<i32>(image, cell, i32(inside));
  }`;
