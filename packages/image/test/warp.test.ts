import { describe, expect, test } from 'vitest';
import { warpCrop, warpImage, type RgbImage } from '../src';
import { seededImage } from './seeded';

type Box = [number, number, number, number];
const fill = [122.7, 115.9, 102.9] as const;

/** The colour at a point, pixel centres at .5: the four pixels around it by their shares, none beyond the image. */
function colourAt({ data, width, height }: RgbImage, x: number, y: number, c: number): number | undefined {
  if (x < 0 || y < 0 || x >= width || y >= height) return undefined;
  const channels = data.length / (width * height);
  let [sum, weights] = [0, 0];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const share = Math.max(0, 1 - Math.abs(column + 0.5 - x)) * Math.max(0, 1 - Math.abs(row + 0.5 - y));
      sum += share * data[(row * width + column) * channels + c]!;
      weights += share;
    }
  }
  return sum / weights;
}

/** What the paper says, pixel by pixel: 16 pixels of the input on each side are context, the rest is the box. */
function naiveCrop(image: RgbImage, [x1, y1, x2, y2]: Box, { size = 0, context = 16, mode = 'warp' }) {
  const inner = size - 2 * context;
  const square = Math.max(x2 - x1, y2 - y1);
  const pixels: number[] = [];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      // Where in the box, 0 at its first edge and 1 at its last.
      const [u, v] = [(column + 0.5 - context) / inner, (row + 0.5 - context) / inner];
      const x = mode === 'warp' ? x1 + u * (x2 - x1) : (x1 + x2) / 2 + (u - 0.5) * square;
      const y = mode === 'warp' ? y1 + v * (y2 - y1) : (y1 + y2) / 2 + (v - 0.5) * square;
      for (let c = 0; c < 3; c++) pixels.push(colourAt(image, x, y, c) ?? fill[c]!);
    }
  }
  return pixels;
}

function expectClose(got: ArrayLike<number>, want: readonly number[], within = 1e-3): void {
  expect(got.length).toBe(want.length);
  expect(Math.max(...want.map((value, i) => Math.abs(got[i]! - value)))).toBeLessThan(within);
}

describe('warpCrop', () => {
  const boxes: Box[] = [
    [5, 4, 17, 9], // inside, wide
    [0, 0, 23, 16], // the whole image: context on every side lies beyond
    [-4.5, 2.25, 3.5, 14.75], // over the left border, tall
    [20, 12, 40, 15], // over the right
    [30, 20, 35, 28], // beyond
    [8, 3, 8, 11], // without width
  ];

  describe.each([3, 4] as const)('of an image with %i bytes a pixel', (channels) => {
    const image = seededImage(23, 16, channels);
    test.each([
      { mode: 'warp', size: 19, context: 3 },
      { mode: 'square', size: 19, context: 3 },
      { mode: 'warp', size: 14, context: 0 },
      { mode: 'square', size: 11, context: 0 },
    ] as const)('$mode, $size pixels, $context of context: the twin’s pixels', (options) => {
      const got = warpCrop(image, Float32Array.from(boxes.flat()), { ...options, fill });
      expectClose(
        got,
        boxes.flatMap((box) => naiveCrop(image, box, options)),
      );
    });
  });

  test('stretches the box and 16 pixels of context where nothing else is said', () => {
    const image = seededImage(60, 90);
    const got = warpCrop(image, Float32Array.of(20, 30, 50, 45), { size: 48, fill });
    expectClose(got, naiveCrop(image, [20, 30, 50, 45], { size: 48, context: 16, mode: 'warp' }));
  });

  test('R-CNN’s 227: the box is the middle 195 pixels, as its receptive field', () => {
    // Red in the box, black around it.
    const image: RgbImage = { data: new Uint8Array(100 * 80 * 3), width: 100, height: 80 };
    for (let y = 20; y < 60; y++) for (let x = 30; x < 80; x++) image.data[3 * (y * 100 + x)] = 255;
    const crop = warpCrop(image, Float32Array.of(30, 20, 80, 60), { size: 227, fill });
    const redOf = (row: number, column: number) => crop[3 * (227 * row + column)]!;
    const middle = Array.from({ length: 227 }, (_, i) => i);
    expect(middle.filter((i) => redOf(113, i) >= 127.5)).toHaveLength(195);
    expect(middle.filter((i) => redOf(i, 113) >= 127.5)).toHaveLength(195);
  });

  test('is not rounded: a mean that is no whole number vanishes', () => {
    const { data, width, height } = seededImage(6, 4);
    const crop = warpCrop({ data, width, height }, Float32Array.of(100, 100, 120, 110), { size: 33, fill });
    expect([...crop.subarray(0, 3)]).toEqual(fill.map(Math.fround));
    expect(warpCrop({ data, width, height }, new Float32Array(), { size: 33, fill })).toHaveLength(0);
  });

  test.each([
    [[1, 2, 3], {}, 'warpCrop: boxes must be [N, 4], got 3 numbers'],
    [[0, 0, 1, 1, 5, 5, 4, 9], {}, 'warpCrop: box 1 must be finite x1 y1 x2 y2 with x1 ≤ x2 and y1 ≤ y2'],
    [[0, Number.NaN, 1, 1], {}, 'warpCrop: box 0 must be finite'],
    [[0, 0, 1, 1], { size: 32 }, 'warpCrop: context must be 0 or more and below half of size 32, got 16'],
    [[0, 0, 1, 1], { context: -1 }, 'warpCrop: context must be 0 or more'],
    [[0, 0, 1, 1], { size: 40.5 }, 'warpCrop: size must be a positive integer, got 40.5'],
  ])('boxes %j, options %j: an error that says so', (numbers, options, message) => {
    expect(() =>
      warpCrop(seededImage(4, 3), Float32Array.from(numbers), { size: 40, fill, ...options }),
    ).toThrow(message);
  });
});

describe('warpImage', () => {
  const windows: Box[] = [
    [2, 1, 9, 12],
    [-3.5, -2, 20.25, 17],
  ];
  test.each(windows)('window %d %d %d %d: the twin’s pixels, rounded', (...window) => {
    const image = seededImage(14, 13, 4);
    const { data, width, height } = warpImage(image, { window, width: 21, height: 10, fill: [1, 2, 3] });
    expect([width, height]).toEqual([21, 10]);
    const want: number[] = [];
    for (let row = 0; row < 10; row++) {
      for (let column = 0; column < 21; column++) {
        const x = window[0] + ((column + 0.5) / 21) * (window[2] - window[0]);
        const y = window[1] + ((row + 0.5) / 10) * (window[3] - window[1]);
        for (let c = 0; c < 4; c++) want.push(colourAt(image, x, y, c) ?? [1, 2, 3, 255][c]!);
      }
    }
    expectClose(data, want, 0.5001);
  });

  test('is black beyond the image where nothing is said', () => {
    const { data } = warpImage(seededImage(4, 3), { window: [10, 10, 12, 14], width: 2, height: 3 });
    expect([...data]).toEqual(Array.from({ length: 18 }, () => 0));
  });

  test('a window of whole pixels at its own size is a crop', () => {
    const image = seededImage(9, 7);
    const { data } = warpImage(image, { window: [2, 3, 7, 5], width: 5, height: 2 });
    const rows = [3, 4].flatMap((y) => [...image.data.subarray((y * 9 + 2) * 3, (y * 9 + 7) * 3)]);
    expect([...data]).toEqual(rows);
  });
});
