import { describe, expect, test } from 'vitest';
import { centerCrop, channelsOf, cropImage, flipImage, resizePillow, toRgb, type RgbImage } from '../src';
import { seededImage } from './seeded';

/** An image by its pixels: `at(x, y)` is all of one. */
function pixelsOf({ data, width, height }: RgbImage) {
  const channels = data.length / (width * height);
  return (x: number, y: number) => Array.from(data.subarray((y * width + x) * channels).slice(0, channels));
}

describe.each([3, 4] as const)('%i bytes a pixel', (channels) => {
  const image = seededImage(7, 4, channels);
  const at = pixelsOf(image);

  test('flipImage exchanges left and right, or top and bottom', () => {
    const [mirrored, turned] = [flipImage(image), flipImage(image, { axis: 'vertical' })];
    expect(flipImage(image, { axis: 'horizontal' })).toEqual(mirrored);
    for (let y = 0; y < 4; y++) {
      for (let x = 0; x < 7; x++) {
        expect(pixelsOf(mirrored)(x, y)).toEqual(at(6 - x, y));
        expect(pixelsOf(turned)(x, y)).toEqual(at(x, 3 - y));
      }
    }
    expect([mirrored.width, mirrored.height]).toEqual([7, 4]);
  });

  test.each([
    { left: 2, top: 1, width: 4, height: 2 },
    { left: -2, top: -1, width: 5, height: 3 }, // over the first corner
    { left: 4, top: 2, width: 6, height: 5 }, // over the last
    { left: -1, top: -1, width: 9, height: 6 }, // all around
    { left: 9, top: 0, width: 3, height: 2 }, // beyond
    { left: 0, top: -5, width: 3, height: 2 },
  ])('cropImage $left, $top, $width × $height: the pixels, and zeros beyond', (crop) => {
    const cropped = cropImage(image, crop);
    expect([cropped.width, cropped.height]).toEqual([crop.width, crop.height]);
    for (let y = 0; y < crop.height; y++) {
      for (let x = 0; x < crop.width; x++) {
        const [u, v] = [x + crop.left, y + crop.top];
        const inside = u >= 0 && v >= 0 && u < 7 && v < 4;
        expect(pixelsOf(cropped)(x, y)).toEqual(inside ? at(u, v) : at(0, 0).map(() => 0));
      }
    }
  });
});

// torchvision: int(round((side - crop) / 2.0)), and Python rounds halves to even.
test.each([
  [7, 4, 2, 2], // 1.5 → 2
  [9, 4, 2, 2], // 2.5 → 2
  [4, 9, 0, -2], // −2.5 → −2
  [4, 7, 0, -2], // −1.5 → −2
])('centerCrop of %i × 4 to %i × 2 starts at %i', (side, width, _, left) => {
  const image = seededImage(side, 4);
  expect(centerCrop(image, { width, height: 2 })).toEqual(
    cropImage(image, { left, top: 1, width, height: 2 }),
  );
});

test('toRgb drops the fourth byte, and leaves three where they are', () => {
  const data = Uint8ClampedArray.of(1, 2, 3, 99, 4, 5, 6, 0);
  expect(toRgb({ data, width: 2, height: 1 })).toEqual({
    data: Uint8Array.of(1, 2, 3, 4, 5, 6),
    width: 2,
    height: 1,
  });
  const rgb = seededImage(2, 3);
  expect(toRgb(rgb)).toBe(rgb);
});

test('channelsOf tells, and names what does not fit', () => {
  expect(channelsOf('f', seededImage(2, 5))).toBe(3);
  expect(channelsOf('f', seededImage(2, 5, 4))).toBe(4);
  expect(() => channelsOf('f', { data: new Uint8Array(7), width: 2, height: 1 })).toThrow(
    'f: data of a 2×1 image must have 6 (RGB) or 8 (RGBA) bytes, got 7',
  );
  expect(() => channelsOf('f', { data: new Uint8Array(0), width: 0, height: 1 })).toThrow(
    'f: width and height must be positive integers, got 0 and 1',
  );
  expect(() => cropImage(seededImage(2, 2), { left: 0.5, top: 0, width: 1, height: 1 })).toThrow(
    'cropImage: left and top must be integers, got 0.5 and 0; round them',
  );
});

test('pixels that are no bytes are refused: floats in [0, 1] would come out black', () => {
  for (const data of [new Float32Array(12), Array.from({ length: 12 }, () => 0.5), undefined]) {
    const image = { data, width: 2, height: 2 } as unknown as RgbImage;
    expect(() => flipImage(image)).toThrow(
      /flipImage: data must be bytes, .* got (Float32Array|Array|undefined)/,
    );
    expect(() => resizePillow(image, { width: 1, height: 1 })).toThrow(RangeError);
  }
});

test('a size that no array holds is refused before the work on it begins', () => {
  const image = { data: new Uint8Array(12), width: 2, height: 2 };
  expect(() => resizePillow(image, { width: 1e9, height: 1e9 })).toThrow(
    /1073741824 pixels at most, got 1000000000/,
  );
});
