import { describe, expect, test } from 'vitest';
import { flipBoxes, flipSample, type Sample } from '../src';
import { noise } from './noiseSample';

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
