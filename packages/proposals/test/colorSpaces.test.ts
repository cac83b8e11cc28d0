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

test('black and white are defined in every space', () => {
  for (const space of ['RGB', 'I', 'Lab', 'rgI', 'HSV', 'rgb', 'C', 'H'] as const)
    for (const value of convert([0, 0, 0, 255, 255, 255], space).flat())
      expect(Number.isInteger(value)).toBe(true);
});

test.each(goldens.resized as { width: number; height: number; data: number[] }[])(
  'resizeWidth: what is searched at $width × $height is Pillow’s bilinear, byte for byte',
  ({ width, height, data }) => {
    const photo: RgbImage = { ...goldens.photo, data: Uint8Array.from(goldens.photo.data) };
    const { image } = planSearch('selectiveSearch', photo, { resizeWidth: width });
    expect(image).toEqual({ width, height, data: Uint8Array.from(data) });
  },
);
