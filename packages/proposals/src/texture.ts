import { convolveColumns, convolveRows, gaussianKernel } from './gaussian';
import type { Planes } from './types';

export const TEXTURE_BINS = 10;
export const DIRECTIONS = 8;
const ORIENTATIONS = 4;

/** Antisymmetric half of the derivative of a Gaussian of σ = 1 (IJCV 2013 §3.2), whose response to a unit ramp is 1. */
function derivativeKernel(): Float32Array {
  const half = gaussianKernel(1).map((v, i) => v * i);
  const slope = half.reduce((sum, v, i) => sum + 2 * i * v, 0);
  return half.map((v) => v / slope);
}

/** The strongest response that is told apart, in grey levels a pixel; a step of 255 answers with 102. */
const RANGE = 40;

/**
 * Bins of the Gaussian derivatives in eight directions, 45° apart, of each pixel and channel.
 *
 * The response at θ is cos θ · gx + sin θ · gy, and the one at θ + 180° is its negative; each is cut at 0, so of two opposite
 * directions one is always in bin 0 and only the other is stored: `[pixels × channels × 4]`, as the position
 * (channel · 8 + direction) · 10 + bin in the region's histogram.
 */
export function textureCodes(image: Planes): Uint8Array {
  const channels = image.planes.length;
  const stride = channels * ORIENTATIONS;
  const pixels = image.width * image.height;
  const codes = new Uint8Array(pixels * stride);
  const blur = gaussianKernel(1);
  const slope = derivativeKernel();
  const scale = TEXTURE_BINS / RANGE;
  const code = (response: number, base: number) => {
    const bin = Math.min(TEXTURE_BINS - 1, (Math.abs(response) * scale) | 0);
    return base + bin + (response < 0 ? ORIENTATIONS * TEXTURE_BINS : 0);
  };
  image.planes.forEach((plane, c) => {
    const gx = convolveColumns(convolveRows(plane, image, slope, -1), image, blur, 1);
    const gy = convolveColumns(convolveRows(plane, image, blur, 1), image, slope, -1);
    const base = c * DIRECTIONS * TEXTURE_BINS;
    for (let p = 0, q = c * ORIENTATIONS; p < pixels; p++, q += stride) {
      const x = gx[p]!;
      const y = gy[p]!;
      codes[q] = code(x, base);
      codes[q + 1] = code((x + y) * Math.SQRT1_2, base + TEXTURE_BINS);
      codes[q + 2] = code(y, base + 2 * TEXTURE_BINS);
      codes[q + 3] = code((y - x) * Math.SQRT1_2, base + 3 * TEXTURE_BINS);
    }
  });
  return codes;
}
