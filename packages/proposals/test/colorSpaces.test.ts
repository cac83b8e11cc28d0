import { readFileSync } from 'node:fs';
import type { RgbImage } from '@roikit/image';
import { describe, expect, test } from 'vitest';
import { toColorSpace } from '../src/colorSpaces';
import type { ColorSpace } from '../src/index';
import { withKernel } from '../src/kernel/kernel';
import { planSearch } from '../src/selectiveSearch';

const goldens = JSON.parse(readFileSync(new URL('./goldens/goldens.json', import.meta.url), 'utf8'));

/** Channels of each colour, `[colours][channels]`. */
function convert(rgb: number[], space: ColorSpace): number[][] {
  const image = { data: Uint8Array.from(rgb), width: rgb.length / 3, height: 1 };
  return withKernel((kernel) => {
    const views = toColorSpace(kernel, image, space).planes.map((plane) =>
      kernel.arena.u8(plane, image.width),
    );
    return Array.from({ length: image.width }, (_, p) => views.map((view) => view[p]!));
  });
}

type Rgb = [r: number, g: number, b: number];

const chunks = (values: number[], size: number): number[][] =>
  Array.from({ length: values.length / size }, (_, i) => values.slice(size * i, size * (i + 1)));

/** Hue in sextants from red, 0 for greys. */
function hueOf([r, g, b]: Rgb): number {
  const [max, min] = [Math.max(r, g, b), Math.min(r, g, b)];
  if (max === min) return 0;
  const towards = {
    [b]: 4 + (r - g) / (max - min),
    [g]: 2 + (b - r) / (max - min),
    [r]: (g - b) / (max - min),
  };
  return (towards[max]! + 6) % 6;
}

/** CIE 1976 L*a*b* under D65 of an sRGB colour (IEC 61966-2-1). */
function labOf(color: Rgb): Rgb {
  const [r, g, b] = color.map((v) => (v <= 10 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4)) as Rgb;
  const f = (t: number) => (t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29);
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** IJCV 2013 Table 1, each channel stretched to 0…255. */
const definitions: Record<ColorSpace, (color: Rgb) => number[]> = {
  RGB: (color) => color,
  I: ([r, g, b]) => [(r + g + b) / 3],
  Lab: (color) => {
    const [l, a, b] = labOf(color);
    return [(l * 255) / 100, a + 128, b + 128];
  },
  rgI: ([r, g, b]) => [(255 * r) / (r + g + b || 1), (255 * g) / (r + g + b || 1), (r + g + b) / 3],
  HSV: (color) => {
    const max = Math.max(...color);
    return [(hueOf(color) * 255) / 6, (255 * (max - Math.min(...color))) / (max || 1), max];
  },
  rgb: (color) => color.map((v) => (255 * v) / (color[0] + color[1] + color[2] || 1)),
  // O1/O3 = (R − G)/√2 : (R + G + B)/√3 lies in ±√1.5, O2/O3 = (R + G − 2B)/√6 : (R + G + B)/√3 in [−√2, √0.5].
  C: ([r, g, b]) => {
    const o3 = (r + g + b || 1) / Math.sqrt(3);
    const [o1, o2] = [(r - g) / Math.sqrt(2) / o3, (r + g - 2 * b) / Math.sqrt(6) / o3];
    return [
      (255 * (o1 + Math.sqrt(1.5))) / (2 * Math.sqrt(1.5)),
      (255 * (o2 + Math.SQRT2)) / (Math.SQRT2 + Math.SQRT1_2),
    ];
  },
  H: (color) => [(hueOf(color) * 255) / 6],
};

describe('OpenCV’s 8-bit colours, to one level', () => {
  test.each(['HSV', 'Lab'] as const)('%s', (space) => {
    convert(goldens.rgb, space).forEach((channels, i) => {
      const expected: number[] = goldens[space].slice(3 * i, 3 * i + 3);
      channels.forEach((value, c) => {
        const off = Math.abs(value - expected[c]!);
        expect(
          space === 'HSV' && c === 0 ? Math.min(off, 256 - off) : off,
          `colour ${i}, channel ${c}`,
        ).toBeLessThanOrEqual(1);
      });
    });
  });
});

test.each<[ColorSpace, number[]]>([
  ['RGB', [200, 100, 60]],
  ['I', [120]],
  ['rgb', [142, 71, 43]], // 255 · 200/360 …
  ['rgI', [142, 71, 120]],
  ['H', [12]], // (100 − 60)/140 sextants
  ['C', [163, 213]], // 127.5 (1 + 100/360), 85 (2 + (300 − 120)/360)
])('%s of (200, 100, 60)', (space, expected) => {
  expect(convert([200, 100, 60], space)[0]).toEqual(expected);
});

describe('the definitions, colour by colour', () => {
  const corners = [0, 255].flatMap((r) => [0, 255].flatMap((g) => [0, 255].map((b) => [r, g, b])));
  const colors = [
    ...corners,
    [9, 9, 9],
    [1, 0, 0],
    [0, 1, 2],
    [254, 255, 253],
    ...chunks(goldens.rgb as number[], 3),
  ];

  test.each(Object.keys(definitions) as ColorSpace[])('%s', (space) => {
    const found = convert(colors.flat(), space);
    colors.forEach((color, i) => {
      const exact = definitions[space](color as Rgb);
      expect(found[i]).toHaveLength(exact.length);
      exact.forEach((value, c) => {
        // Rounded to the nearest; a value in the middle of two may be either. Lab's cube root is tabled.
        expect(Math.abs(found[i]![c]! - value), `${space} ${c} of ${color}`).toBeLessThanOrEqual(
          space === 'Lab' ? 0.52 : 0.5 + 1e-9,
        );
      });
    });
  });

  test.each<[ColorSpace, number[], number[]]>([
    ['RGB', [0, 0, 0], [255, 255, 255]],
    ['I', [0], [255]],
    ['Lab', [0, 128, 128], [255, 128, 128]],
    ['rgI', [0, 0, 0], [85, 85, 255]],
    ['HSV', [0, 0, 0], [0, 0, 255]],
    ['rgb', [0, 0, 0], [85, 85, 85]],
    ['C', [128, 170], [128, 170]],
    ['H', [0], [0]],
  ])('black and white in %s', (space, black, white) => {
    expect(convert([0, 0, 0, 255, 255, 255], space)).toEqual([black, white]);
  });
});

test.each(goldens.resized as { width: number; height: number; data: number[] }[])(
  'resizeWidth: what is searched at $width × $height is Pillow’s bilinear, byte for byte',
  ({ width, height, data }) => {
    const photo: RgbImage = { ...goldens.photo, data: Uint8Array.from(goldens.photo.data) };
    const { image } = planSearch('selectiveSearch', photo, { resizeWidth: width });
    expect(image).toEqual({ width, height, data: Uint8Array.from(data) });
  },
);
