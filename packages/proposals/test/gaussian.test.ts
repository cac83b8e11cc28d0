import { expect, test } from 'vitest';
import { gaussianDerivativeKernel, gaussianKernel } from '../src/gaussian';

/** Both halves of a kernel, from −radius to radius. */
const whole = (half: Float32Array, sign: 1 | -1) => [
  ...Array.from(half.slice(1).reverse(), (v) => sign * v),
  ...half,
];

test.each([
  [0.3, 2],
  [0.8, 4],
  [1, 4],
  [1.7, 7],
])('a Gaussian of σ %d reaches 4σ: %d pixels, has unit sum and its shape', (sigma, radius) => {
  const half = gaussianKernel(sigma);
  expect(half.length).toBe(radius + 1);
  expect(whole(half, 1).reduce((sum, v) => sum + v, 0)).toBeCloseTo(1, 6);
  half.forEach((v, i) => expect(v / half[0]!).toBeCloseTo(Math.exp(-0.5 * (i / sigma) ** 2), 6));
});

test('σ 0 leaves the pixel', () => {
  expect([...gaussianKernel(0)]).toEqual([1]);
});

test('the derivative answers a ramp of one level a pixel with 1, and a plain with 0', () => {
  const taps = whole(gaussianDerivativeKernel(1), -1);
  expect(taps).toHaveLength(9);
  expect(taps.reduce((sum, v, i) => sum + v * (i - 4), 0)).toBeCloseTo(1, 6);
  expect(taps.reduce((sum, v) => sum + v, 0)).toBeCloseTo(0, 7);
  expect(taps[5]! / taps[6]!).toBeCloseTo(Math.exp(-0.5) / (2 * Math.exp(-2)), 5);
});
