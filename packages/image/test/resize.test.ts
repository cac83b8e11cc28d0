import { describe, expect, test } from 'vitest';
import { resizePillow, resizeTorchvision, type Interpolation, type RgbImage } from '../src';
import golden from './goldens/resize.json';
import { seededImage } from './seeded';

/** Every `step`th value. */
const sampled = (values: ArrayLike<number>, step: number) =>
  Array.from(values).filter((_, i) => i % step === 0);
const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

/** The image with a fourth byte that tells nothing. */
function withAlpha({ data, width, height }: RgbImage): RgbImage {
  const rgba = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) =>
    i % 4 === 3 ? (7 * i) % 256 : data[i - (i >> 2)]!,
  );
  return { data: rgba, width, height };
}

describe('resizePillow', () => {
  test.each(golden.pillow)(
    '$from to $to, $interpolation: Pillow’s bytes',
    ({ from: [fromWidth, fromHeight], to: [width, height], interpolation, step, sum: total, bytes }) => {
      const image = seededImage(fromWidth!, fromHeight!);
      const options = { width: width!, height: height!, interpolation: interpolation as Interpolation };
      const resized = resizePillow(image, options);
      expect([resized.width, resized.height]).toEqual([width, height]);
      expect(sampled(resized.data, step)).toEqual(bytes);
      expect(sum(resized.data)).toBe(total);
      expect(resizePillow(withAlpha(image), options)).toEqual(resized);
    },
  );

  test('is bilinear where nothing is said', () => {
    const image = seededImage(9, 5);
    const size = { width: 4, height: 8 };
    expect(resizePillow(image, size)).toEqual(resizePillow(image, { ...size, interpolation: 'bilinear' }));
    expect(resizePillow(image, size)).not.toEqual(resizePillow(image, { ...size, interpolation: 'bicubic' }));
  });

  test('leaves the image as it was', () => {
    const image = seededImage(5, 3);
    const before = image.data.slice();
    expect([...resizePillow(image, { width: 5, height: 3 }).data]).toEqual([...before]);
    resizePillow(image, { width: 3, height: 7 });
    expect(image.data).toEqual(before);
  });
});

describe('resizeTorchvision', () => {
  test.each(golden.opencv)(
    '$from to $to: OpenCV’s INTER_LINEAR in floats, rounded',
    ({ from: [fromWidth, fromHeight], to: [width, height], step, sum: total, values }) => {
      const resized = resizeTorchvision(seededImage(fromWidth!, fromHeight!), {
        width: width!,
        height: height!,
      });
      expect([resized.width, resized.height]).toEqual([width, height]);
      // A half may go either way: float32 there, float64 here.
      sampled(resized.data, step).forEach((byte, i) =>
        expect(Math.abs(byte - values[i]!)).toBeLessThan(0.502),
      );
      expect(Math.abs(sum(resized.data) - total) / resized.data.length).toBeLessThan(0.1);
    },
  );

  test('resizes a fourth byte along', () => {
    const grey = Uint8Array.from({ length: 4 * 3 * 4 }, (_, i) => 20 * (i >> 2));
    const { data } = resizeTorchvision({ data: grey, width: 4, height: 3 }, { width: 3, height: 5 });
    for (let i = 0; i < data.length; i += 4) expect(data[i + 3]).toBe(data[i]);
  });
});

test.each([
  ['resizePillow', resizePillow],
  ['resizeTorchvision', resizeTorchvision],
])('%s names what is wrong', (name, resize) => {
  const image = seededImage(4, 3);
  expect(() => resize(image, { width: 2.5, height: 3 })).toThrow(
    `${name}: width and height must be positive integers, got 2.5 and 3`,
  );
  expect(() => resize(image, { width: 2, height: 0 })).toThrow(`${name}: width and height`);
  expect(() => resize({ ...image, height: 4 }, { width: 2, height: 2 })).toThrow(
    /data of a 4×4 image must have 48 \(RGB\) or 64 \(RGBA\) bytes, got 36/,
  );
});
