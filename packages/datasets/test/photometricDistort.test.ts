import { mulberry32 } from '@roikit/geometry';
import { describe, expect, test } from 'vitest';
import { photometricDistort, type Sample } from '../src';
import {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
} from '../src/augment/photometricDistort';
import golden from './goldens/photometric.json';
import { noise } from './noiseSample';

describe('photometricDistort', () => {
  const adjust = {
    brightness: adjustBrightness,
    contrast: adjustContrast,
    saturation: adjustSaturation,
    hue: adjustHue,
  };

  test.each(golden.adjusted)("$step by $amount is torchvision's", ({ step, amount, values }) => {
    const pixels = { values: Float32Array.from(golden.pixels), channels: 3 };
    adjust[step as keyof typeof adjust](pixels, amount);
    pixels.values.forEach((value, i) => expect(Math.abs(value - values[i]!)).toBeLessThan(0.01));
  });

  test('boxes stay, the original is untouched, alpha too', () => {
    const sample = noise({ channels: 4 });
    const distorted = photometricDistort(sample, { probability: 1, random: mulberry32(3) });
    expect(distorted.truth).toEqual(sample.truth);
    expect(sample).toEqual(noise({ channels: 4 }));
    const alpha = (data: Sample['image']['data']): number[] => [...data].filter((_, i) => i % 4 === 3);
    expect(alpha(distorted.image.data)).toEqual(alpha(sample.image.data));
    expect([...distorted.image.data]).not.toEqual([...sample.image.data]);
  });

  test('probability 0, or factors of nothing, change nothing', () => {
    const sample = noise();
    const random = mulberry32(3);
    expect([...photometricDistort(sample, { probability: 0, random }).image.data]).toEqual([
      ...sample.image.data,
    ]);
    const nothing = { brightness: [1, 1], contrast: [1, 1], saturation: [1, 1], hue: [0, 0] } as const;
    const same = photometricDistort(sample, { ...nothing, probability: 1, random }).image.data;
    same.forEach((value, i) => expect(Math.abs(value - sample.image.data[i]!)).toBeLessThanOrEqual(1));
  });

  test('each step happens half the time, contrast before or after the colours', () => {
    // Contrast 0 leaves the mean grey, and brightness 0 black: which came last shows.
    const random = mulberry32(9);
    const sample = noise();
    const options = {
      brightness: [1, 1],
      contrast: [0, 0],
      saturation: [1, 1],
      hue: [0, 0],
      random,
    } as const;
    const flat = Array.from(
      { length: 400 },
      () => new Set(photometricDistort(sample, options).image.data).size === 1,
    );
    const share = flat.filter(Boolean).length / 400;
    expect(share).toBeGreaterThan(0.42);
    expect(share).toBeLessThan(0.58);
  });

  test.each([0, 0.25, 0.49])(
    "the ranges are those of torchvision's SSD preset (drawn at %d of each)",
    (drawn) => {
      const sample = noise();
      const pixels = { values: new Float32Array(sample.image.data), channels: 3 };
      const between = (low: number, high: number): number => low + (high - low) * drawn;
      // Below one half, contrast comes before the colours and every step happens.
      adjustBrightness(pixels, between(0.875, 1.125));
      adjustContrast(pixels, between(0.5, 1.5));
      adjustSaturation(pixels, between(0.5, 1.5));
      adjustHue(pixels, between(-0.05, 0.05));
      const { image } = photometricDistort(sample, { random: () => drawn });
      expect([...image.data]).toEqual([...new Uint8ClampedArray(pixels.values)]);
    },
  );

  test('contrast comes last in the other half', () => {
    const sample = noise();
    const pixels = { values: new Float32Array(sample.image.data), channels: 3 };
    adjustBrightness(pixels, 1.125);
    adjustSaturation(pixels, 1.5);
    adjustHue(pixels, 0.05);
    adjustContrast(pixels, 1.5);
    const { image } = photometricDistort(sample, { probability: 1.1, random: () => 1 });
    expect([...image.data]).toEqual([...new Uint8ClampedArray(pixels.values)]);
  });
});
