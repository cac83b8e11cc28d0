import { mulberry32 } from '@roikit/geometry';
import { describe, expect, test } from 'vitest';
import { randomView, scaleJitter, viewBoxes, viewSample, type Sample } from '../src';
import { noise } from './noiseSample';

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

  test('draws from the range that it is given, each axis by its own side', () => {
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
});
