import { gaussianDerivativeKernel, gaussianKernel } from './gaussian';
import type { Kernel } from './kernel/kernel';
import type { Planes } from './types';

export const TEXTURE_BINS = 10;
export const DIRECTIONS = 8;
/** Of the eight directions four are stored: the other four are their negatives. */
export const ORIENTATIONS = 4;

/** The strongest response that is told apart, in grey levels a pixel; a step of 255 answers with about 100. */
const TEXTURE_RANGE = 40;

/**
 * Bins of the Gaussian derivatives (σ = 1) in eight directions, 45° apart, of each pixel and channel (IJCV 2013 §3.2).
 *
 * The response at θ is cos θ · gx + sin θ · gy, and the one at θ + 180° is its negative; each is cut at 0, so of two opposite
 * directions one is always in bin 0 and only the other is stored: bytes `[pixels × channels × 4]`, as the position
 * (channel · 8 + direction) · 10 + bin in the region's histogram.
 *
 * @returns their address in the kernel's memory
 */
export function textureCodes({ wasm, arena }: Kernel, { width, height, planes }: Planes): number {
  const stride = planes.length * ORIENTATIONS;
  const codes = arena.alloc(width * height * stride + 4 * stride);
  const mark = arena.mark;
  const kernel = gaussianKernel(1);
  const blur = arena.floats(kernel);
  const slope = arena.floats(gaussianDerivativeKernel(1));
  const radius = kernel.length - 1;
  const line = arena.alloc(4 * (width + 2 * radius + 8));
  const padded = 4 * width * (height + 2 * radius);
  const slopes = arena.alloc(padded);
  const blurred = arena.alloc(padded);
  planes.forEach((plane, c) => {
    wasm.convolveRows(plane, slopes, width, height, slope, radius, true, line);
    wasm.convolveRows(plane, blurred, width, height, blur, radius, false, line);
    const base = c * DIRECTIONS * TEXTURE_BINS;
    wasm.textureCodes(
      slopes,
      blurred,
      width,
      height,
      slope,
      blur,
      radius,
      TEXTURE_BINS / TEXTURE_RANGE,
      base,
      stride,
      codes + c * ORIENTATIONS,
    );
  });
  arena.release(mark);
  return codes;
}
