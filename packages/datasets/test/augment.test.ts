import { mulberry32 } from '@roikit/geometry';
import { describe, expect, test } from 'vitest';
import {
  flipBoxes,
  flipSample,
  photometricDistort,
  randomView,
  scaleJitter,
  viewBoxes,
  viewSample,
  type Sample,
} from '../src';
import {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
} from '../src/augment/photometricDistort';
import golden from './goldens/photometric.json';

function noise({ width = 13, height = 9, channels = 3 } = {}): Sample {
  const random = mulberry32(width + channels);
  return {
    id: 'noise',
    image: {
      data: Uint8Array.from({ length: width * height * channels }, () => random() * 256),
      width,
      height,
    },
    truth: {
      boxes: Float32Array.of(1, 2, 5, 6, 0, 0, width, height, 10, 1, 12, 3),
      labels: Int32Array.of(1, 2, 3),
      difficult: Uint8Array.of(0, 1, 0),
      crowd: Uint8Array.of(1, 0, 0),
      area: Float32Array.of(10, 100, 4),
    },
  };
}

const copy = (sample: Sample): Sample => structuredClone(sample);

describe('flipSample', () => {
  test.each([3, 4])('every pixel changes sides, with %d channels', (channels) => {
    const sample = noise({ channels });
    const { data, width, height } = sample.image;
    const across = flipSample(sample).image.data;
    const over = flipSample(sample, { axis: 'vertical' }).image.data;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let c = 0; c < channels; c++) {
          const value = data[(y * width + x) * channels + c];
          expect(across[(y * width + width - 1 - x) * channels + c]).toBe(value);
          expect(over[((height - 1 - y) * width + x) * channels + c]).toBe(value);
        }
      }
    }
  });

  test('boxes follow', () => {
    const size = { width: 100, height: 50 };
    const boxes = Float32Array.of(0, 0, 10, 20, 30.5, 5, 100, 50);
    expect([...flipBoxes(boxes, size)]).toEqual([90, 0, 100, 20, 0, 5, 69.5, 50]);
    expect([...flipBoxes(boxes, size, { axis: 'vertical' })]).toEqual([0, 30, 10, 50, 30.5, 0, 100, 45]);
  });

  test.each(['horizontal', 'vertical'] as const)(
    'twice %s is nothing, and the sample is untouched',
    (axis) => {
      const sample = noise();
      const before = copy(sample);
      expect(flipSample(flipSample(sample, { axis }), { axis })).toEqual(before);
      expect(sample).toEqual(before);
    },
  );
});

describe('scaleJitter', () => {
  const view = (width: number, height: number, rest = {}): Parameters<typeof viewSample>[1] => ({
    scale: 1,
    left: 0,
    top: 0,
    width,
    height,
    ...rest,
  });

  test.each([3, 4])('scale 1 is the sample itself, with %d channels', (channels) => {
    const sample = noise({ channels });
    const { image, truth } = viewSample(sample, view(13, 9));
    expect([...image.data]).toEqual([...sample.image.data]);
    expect(truth).toEqual(sample.truth);
  });

  test('a window at scale 1 is a crop, padded outside with the mean', () => {
    const { image } = noise();
    const seen = viewSample(noise(), view(6, 4, { left: 10, top: -1 })).image;
    const pixel = (x: number, y: number): number[] => [
      ...seen.data.subarray((y * 6 + x) * 3, (y * 6 + x) * 3 + 3),
    ];
    expect(pixel(0, 0)).toEqual([123, 117, 104]);
    expect(pixel(3, 2)).toEqual([123, 117, 104]);
    expect(pixel(2, 1)).toEqual([...image.data.subarray(12 * 3, 13 * 3)]);
    expect(pixel(0, 3)).toEqual([...image.data.subarray((2 * 13 + 10) * 3, (2 * 13 + 11) * 3)]);
  });

  test.each(['x', 'y'] as const)('a ramp along %s stays one: bilinear, pixel centres at .5', (axis) => {
    const [side, scale, offset] = [40, 1.7, 7];
    const at = (i: number): number => (axis === 'x' ? Math.floor(i / 3) % side : Math.floor(i / 3 / side));
    const data = Uint8Array.from({ length: side * side * 3 }, (_, i) => 5 * at(i));
    const sample = { ...noise(), image: { data, width: side, height: side } };
    const { image } = viewSample(sample, view(side, side, { scale, left: offset, top: offset }));
    image.data.forEach((value, i) => {
      const source = (at(i) + 0.5 + offset) / scale - 0.5;
      expect(Math.abs(value - 5 * source)).toBeLessThanOrEqual(0.51);
    });
  });

  test('boxes are scaled, shifted and clipped', () => {
    const seen = view(20, 10, { scale: 2, left: 5, top: -3 });
    expect([...viewBoxes(Float32Array.of(1, 1, 8, 3, 20, 20, 30, 30), seen)]).toEqual([
      0, 5, 11, 9, 20, 10, 20, 10,
    ]);
  });

  test('objects whose centre is out of sight go, with all that belongs to them', () => {
    const { truth } = viewSample(noise(), view(13, 9, { scale: 2, left: 0, top: 0 }));
    // Centres at (3, 4), (6.5, 4.5), (11, 2): doubled, the third is outside; the second lies on the border.
    expect(truth).toEqual({
      boxes: Float32Array.of(2, 4, 10, 9),
      labels: Int32Array.of(1),
      difficult: Uint8Array.of(0),
      crowd: Uint8Array.of(1),
      area: Float32Array.of(40),
    });
  });

  test('views: scale within range, no gap where enlarged, nothing cut where shrunk', () => {
    const random = mulberry32(1);
    const scales: number[] = [];
    for (let i = 0; i < 500; i++) {
      const { scale, left, top, width, height } = randomView({ width: 60, height: 40 }, { random });
      scales.push(scale);
      expect([width, height]).toEqual([60, 40]);
      for (const [offset, side] of [
        [left, 60],
        [top, 40],
      ] as const) {
        expect(offset).toBeGreaterThanOrEqual(Math.min(0, (scale - 1) * side));
        expect(offset).toBeLessThanOrEqual(Math.max(0, (scale - 1) * side));
      }
    }
    expect(Math.min(...scales)).toBeGreaterThanOrEqual(0.5);
    expect(Math.min(...scales)).toBeLessThan(0.52);
    expect(Math.max(...scales)).toBeGreaterThan(1.98);
    expect(Math.max(...scales)).toBeLessThan(2);
  });

  test('equal random numbers, equal samples; the original is untouched; a bad range is named', () => {
    const sample = noise();
    const jitter = (seed: number): Sample => scaleJitter(sample, { random: mulberry32(seed) });
    expect(jitter(1)).toEqual(jitter(1));
    expect(jitter(1)).not.toEqual(jitter(2));
    expect(sample).toEqual(noise());
    for (const scaleRange of [
      [0, 1],
      [-1, 1],
      [NaN, 1],
      [1, NaN],
    ] as const)
      expect(() => scaleJitter(sample, { scaleRange, random: () => 0.5 })).toThrow(RangeError);
    expect(() => scaleJitter(sample, { scaleRange: [2, 1], random: Math.random })).toThrow(
      'scaleJitter: scaleRange must be [low, high] with 0 < low ≤ high, got [2, 1]',
    );
  });
});

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

test('scaleJitter draws from the range that it is given, each axis by its own side', () => {
  const sample = noise();
  expect([...scaleJitter(sample, { scaleRange: [1, 1], random: Math.random }).image.data]).toEqual([
    ...sample.image.data,
  ]);
  const random = (): number => 0.5;
  expect(randomView({ width: 60, height: 40 }, { scaleRange: [2, 4], random })).toEqual({
    scale: 3,
    width: 60,
    height: 40,
    left: 60,
    top: 40,
  });
});
