import { describe, expect, test } from 'vitest';
import { graphSegmentation } from '../src/index';
import type { GraphSegmentationOptions } from '../src/index';
import { disc, noise } from './images';
import { naiveSegmentation } from './naive/segmentation';

describe('against the definitions, label for label', () => {
  const cases = [
    { seed: 1, width: 17, height: 13, scale: 60, sigma: 0, minSize: 0 },
    { seed: 2, width: 13, height: 17, scale: 150, sigma: 0, minSize: 9 },
    { seed: 3, width: 18, height: 12, scale: 30, sigma: 0.8, minSize: 0 },
    { seed: 4, width: 15, height: 15, scale: 100, sigma: 0.8, minSize: 12 },
    { seed: 5, width: 20, height: 5, scale: 40, sigma: 1.7, minSize: 10 },
    { seed: 6, width: 3, height: 30, scale: 40, sigma: 0.5, minSize: 5 },
  ];
  test.each(cases)(
    '$width × $height, k $scale, σ $sigma, min $minSize',
    ({ seed, width, height, ...options }) => {
      const image = noise(width, height, seed);
      const { labels, count } = graphSegmentation(image, options);
      expect([...labels]).toEqual([...naiveSegmentation(image, options)]);
      expect(count).toBe(new Set(labels).size);
      expect(count).toBeGreaterThan(1);
    },
  );
});

test('defaults: k 200, σ 0.8, regions of at least k pixels', () => {
  const image = noise(34, 23, 7);
  const labelsOf = (options?: GraphSegmentationOptions) => [...graphSegmentation(image, options).labels];
  const naive = (scale: number, minSize: number) => [
    ...naiveSegmentation(image, { scale, sigma: 0.8, minSize }),
  ];
  expect(labelsOf()).toEqual(naive(200, 200));
  expect(labelsOf({ scale: 30 })).toEqual(naive(30, 30));
  expect(labelsOf({ minSize: 5 })).toEqual(naive(200, 5));
  expect(labelsOf({ scale: 30 })).not.toEqual(labelsOf({ scale: 30, sigma: 0.5 }));
});

test('a disc is told from its ground', () => {
  const { labels, count } = graphSegmentation(disc(80, 60, 30, 30, 15), {
    scale: 500,
    sigma: 0,
    minSize: 50,
  });
  expect(count).toBe(2);
  expect(labels[0]).not.toBe(labels[30 * 80 + 30]);
});

test('minSize 0 keeps single pixels, a large one leaves one region', () => {
  const image = noise(30, 20, 1);
  expect(graphSegmentation(image, { scale: 0, sigma: 0, minSize: 0 }).count).toBeGreaterThan(300);
  expect(graphSegmentation(image, { scale: 0, sigma: 0, minSize: 600 }).count).toBe(1);
});

test.each([
  [{ scale: -1 }, /scale must be a number of at least 0, got -1/],
  [{ minSize: -2 }, /minSize must be a number of at least 0, got -2/],
  [{ sigma: NaN }, /sigma must be a number of at least 0, got NaN/],
  [{ sigma: 1e9 }, /sigma must be at most the longer side of the image, 4, got 1000000000/],
  [{ sigma: '0.8' as unknown as number }, /sigma must be a number of at least 0, got 0.8/],
])('%o is an error', (options, message) => {
  expect(() => graphSegmentation(noise(4, 4, 1), options)).toThrow(message);
});

test('an image whose bytes do not fit is an error', () => {
  expect(() => graphSegmentation({ ...noise(4, 5, 1), width: 5 })).toThrow(
    /graphSegmentation: data of a 5×5 image/,
  );
});
