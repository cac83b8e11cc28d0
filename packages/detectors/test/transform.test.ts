import type { RgbImage } from '@roikit/image';
import { beforeAll, describe, expect, test } from 'vitest';
import { resizeScale, resizeTransform } from '../src/transform/resizeTransform';
import { useTestEngine } from '../../engine/test/testEngine';

beforeAll(useTestEngine);

const mean: [number, number, number] = [0.4, 0.5, 0.1];
const std: [number, number, number] = [0.2, 0.3, 0.7];

function noise(width: number, height: number, bytes = 3): RgbImage {
  const data = Uint8Array.from({ length: bytes * width * height }, (_, i) => (i * 71 + 13) % 256);
  return { data, width, height };
}

function sizeOf(image: RgbImage, limits: { minSize: number; maxSize: number }, smallest?: number) {
  const { input, size } = resizeTransform({ ...limits, mean, std }, smallest).apply(image);
  expect(input.shape).toEqual([1, size.height, size.width, 3]);
  input.dispose();
  return [size.width, size.height];
}

describe('the size', () => {
  test.each([
    [60, 40, 20, 100, 30, 20], // the shorter side becomes 20
    [40, 60, 20, 100, 20, 30],
    [60, 40, 20, 24, 24, 16], // but the longer side no more than 24
    [40, 60, 20, 24, 16, 24],
    [50, 20, 40, 100, 100, 40], // both at once
    [25, 10, 13, 100, 33, 13], // rounded: 32.5
  ])('%i × %i pixels for %i, at most %i: %i × %i', (width, height, minSize, maxSize, toWidth, toHeight) => {
    expect(sizeOf(noise(width, height), { minSize, maxSize })).toEqual([toWidth, toHeight]);
  });

  test('no side is shorter than the network needs', () => {
    expect(sizeOf(noise(100, 2), { minSize: 8, maxSize: 50 }, 7)).toEqual([50, 7]);
    expect(sizeOf(noise(2, 100), { minSize: 8, maxSize: 50 }, 7)).toEqual([7, 50]);
    expect(sizeOf(noise(1000, 1), { minSize: 8, maxSize: 50 })).toEqual([50, 1]);
  });

  test('both limits grow with the scale', () => {
    const transform = resizeTransform({ minSize: 20, maxSize: 24, mean, std });
    const { input, size } = transform.apply(noise(60, 40), { scale: 1.5 });
    expect(size).toEqual({ width: 36, height: 24 });
    input.dispose();
    expect(resizeScale({ width: 60, height: 40 }, { minSize: 20, maxSize: 24 })).toBe(0.4);
  });
});

describe('the values', () => {
  /** Bilinear between the four nearest pixels, edges repeated; pixels are centred on halves (PyTorch's). */
  function valueAt({ data, width, height }: RgbImage, to: number[], [x, y, c]: number[]): number {
    const along = (i: number, from: number, side: number) => {
      const at = Math.max(0, ((i + 0.5) * from) / side - 0.5);
      const low = Math.min(Math.floor(at), from - 1);
      return { low, high: Math.min(low + 1, from - 1), part: at - low };
    };
    const [h, v] = [along(x!, width, to[0]!), along(y!, height, to[1]!)];
    const pixel = (i: number, j: number) => data[3 * (j * width + i) + c!]!;
    const row = (j: number) => (1 - h.part) * pixel(h.low, j) + h.part * pixel(h.high, j);
    return (((1 - v.part) * row(v.low) + v.part * row(v.high)) / 255 - mean[c!]!) / std[c!]!;
  }

  test.each([
    [9, 6, 4, 100],
    [5, 3, 7, 100],
    [6, 4, 4, 100],
  ])('of %i × %i pixels resized to a side of %i', (width, height, minSize, maxSize) => {
    const image = noise(width, height);
    const { input, size } = resizeTransform({ minSize, maxSize, mean, std }).apply(image);
    const rows = input.arraySync()[0]!;
    for (let y = 0; y < size.height; y++) {
      for (let x = 0; x < size.width; x++) {
        for (let c = 0; c < 3; c++) {
          expect(rows[y]![x]![c]).toBeCloseTo(valueAt(image, [size.width, size.height], [x, y, c]), 4);
        }
      }
    }
    input.dispose();
  });

  test('of pixels with a fourth byte, which is left out', () => {
    const opaque = noise(4, 3);
    const data = Uint8Array.from({ length: 48 }, (_, i) =>
      i % 4 === 3 ? 200 : opaque.data[3 * (i >> 2) + (i % 4)]!,
    );
    const [with4, with3] = [{ ...opaque, data }, opaque].map((image) => {
      const { input } = resizeTransform({ minSize: 6, maxSize: 20, mean, std }).apply(image);
      const values = [...input.dataSync()];
      input.dispose();
      return values;
    });
    expect(with4).toEqual(with3);
  });

  test('of as many bytes as neither has, an error', () => {
    const { apply } = resizeTransform({ minSize: 6, maxSize: 20, mean, std });
    expect(() => apply({ ...noise(4, 3), height: 5 })).toThrow('(60 or 80 for 4×5), got 36');
  });
});
