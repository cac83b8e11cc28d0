import { describe, expect, test } from 'vitest';
import { classColor, distinctColor, drawSegmentation, parseHex, placeLabel, textColorOn } from '../src/index';

const grey = (width: number, height: number, value = 128) => ({
  data: new Uint8Array(width * height * 3).fill(value),
  width,
  height,
});

describe('colours', () => {
  test('the first 40 classes differ from one another', () => {
    const all = Array.from({ length: 40 }, (_, i) => classColor(i + 1));
    expect(new Set(all).size).toBe(40);
    for (const color of all) expect(color).toMatch(/^#[0-9a-f]{6}$/);
  });

  test('text is black on light colours and white on dark ones', () => {
    expect(textColorOn('#ffd23f')).toBe('#000000');
    expect(textColorOn('#203060')).toBe('#ffffff');
  });

  test('hex goes to bytes', () => {
    expect(parseHex('#01ff80')).toEqual([1, 255, 128]);
    expect(distinctColor(3)).not.toBe(distinctColor(4));
  });
});

describe('what is no colour, class or segmentation is an error, not a wrong picture', () => {
  const image = grey(3, 2);
  test.each<[string, () => unknown]>([
    ['parseHex: color must be #rrggbb, got "red"', () => textColorOn('red')],
    ['parseHex: color must be #rrggbb, got "#fff"', () => textColorOn('#fff')],
    ['parseHex: color must be #rrggbb, got "#12345g"', () => parseHex('#12345g')],
    ['classColor: label must be a whole number, got NaN', () => classColor(NaN)],
    ['distinctColor: index must be a whole number, got 1.5', () => distinctColor(1.5)],
    ['labels must have one entry per pixel (6), got 5', () => drawSegmentation(image, { labels: new Int32Array(5), count: 1 })], // prettier-ignore
    ['labels must be 0…1 (count 2), got 2 at 3', () => drawSegmentation(image, { labels: [0, 1, 0, 2, 0, 0], count: 2 })], // prettier-ignore
    ['drawSegmentation: data of a 3×2 image must have 18 (RGB) or 24 (RGBA) bytes', () => drawSegmentation({ ...image, data: new Uint8Array(6) }, { labels: new Int32Array(6), count: 1 })], // prettier-ignore
  ])('%s', (message, call) => expect(call).toThrow(message));
});

describe('placeLabel', () => {
  const canvas = { width: 200, height: 100 };
  const size = { width: 40, height: 10 };

  test('stands on the box where there is room', () => {
    const place = placeLabel(size, {
      box: { x: 50, y: 50, width: 60, height: 40 },
      canvas,
      taken: [],
      overhang: 1,
    });
    expect(place).toEqual({ x: 49, y: 39, ...size });
  });

  test('avoids a label that is already there', () => {
    const options = { box: { x: 50, y: 50, width: 90, height: 40 }, canvas, overhang: 1 };
    const first = placeLabel(size, { ...options, taken: [] });
    const second = placeLabel(size, { ...options, taken: [first] });
    expect(second.x >= first.x + first.width || second.y >= first.y + first.height).toBe(true);
  });

  test('never leaves the picture', () => {
    for (const box of [
      { x: -20, y: -20, width: 300, height: 300 },
      { x: 190, y: 0, width: 10, height: 5 },
      { x: 0, y: 95, width: 5, height: 5 },
    ]) {
      const { x, y } = placeLabel(size, { box, canvas, taken: [], overhang: 2 });
      expect(x >= 0 && y >= 0 && x + size.width <= 200 && y + size.height <= 100).toBe(true);
    }
  });
});

test('drawSegmentation paints each region alike and its border white', () => {
  const labels = Int32Array.from([0, 0, 1, 1, 0, 0, 1, 1]);
  const { data } = drawSegmentation(grey(4, 2), { labels, count: 2 });
  const pixel = (i: number) => [...data.subarray(i * 3, i * 3 + 3)];
  expect(pixel(1)).toEqual([255, 255, 255]);
  expect(pixel(0)).toEqual(pixel(4));
  expect(pixel(2)).toEqual(pixel(7));
  expect(pixel(0)).not.toEqual(pixel(2));
});
