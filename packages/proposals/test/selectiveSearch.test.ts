import { mulberry32 } from '@roikit/geometry';
import { describe, expect, test } from 'vitest';
import type { RgbImage } from '@roikit/image';
import { resizePillow } from '@roikit/image';
import type { Similarity, Strategy } from '../src/index';
import { modeStrategies, selectiveSearch } from '../src/index';
import { disc, noise } from './images';
import { naiveGrouping } from './naive/grouping';
import { naiveSegmentation } from './naive/segmentation';
import { definedBins } from './naive/texture';

const rowsOf = ({ boxes }: { boxes: Float32Array }) =>
  Array.from({ length: boxes.length / 4 }, (_, i) => [...boxes.subarray(4 * i, 4 * i + 4)]);

test('a disc is found, and the whole image', () => {
  const rows = rowsOf(selectiveSearch(disc(80, 60, 30, 30, 15)));
  expect(rows).toContainEqual([0, 0, 80, 60]);
  const near = rows.some(([x1, y1, x2, y2]) =>
    [x1! - 15, y1! - 15, x2! - 46, y2! - 46].every((d) => Math.abs(d) <= 3),
  );
  expect(near).toBe(true);
});

test('the modes are the paper’s Table 4', () => {
  const [all, noColor]: Similarity[][] = [
    ['color', 'texture', 'size', 'fill'],
    ['texture', 'size', 'fill'],
  ];
  expect(modeStrategies('single')).toEqual([{ colorSpace: 'HSV', k: 100, similarities: all }]);
  expect(modeStrategies('fast')).toEqual([
    { colorSpace: 'HSV', k: 50, similarities: all },
    { colorSpace: 'HSV', k: 50, similarities: noColor },
    { colorSpace: 'HSV', k: 100, similarities: all },
    { colorSpace: 'HSV', k: 100, similarities: noColor },
    { colorSpace: 'Lab', k: 50, similarities: all },
    { colorSpace: 'Lab', k: 50, similarities: noColor },
    { colorSpace: 'Lab', k: 100, similarities: all },
    { colorSpace: 'Lab', k: 100, similarities: noColor },
  ]);
  const listed = modeStrategies('quality').map(
    ({ colorSpace, k, similarities }) => `${colorSpace} ${k} ${similarities}`,
  );
  const due: string[] = [];
  for (const space of ['HSV', 'Lab', 'rgI', 'H', 'I'])
    for (const k of [50, 100, 150, 300])
      for (const some of [String(all), String(noColor), 'fill', 'size']) due.push(`${space} ${k} ${some}`);
  expect(listed).toEqual(due);
});

/** One strategy on RGB from the definitions: the twins of segmentation, grouping and ranking, one after another. */
function naiveSearch(
  image: RgbImage,
  k: number,
  similarities: Similarity[],
  random: () => number,
): number[][] {
  const { data, width, height } = image;
  const planes = [0, 1, 2].map((c) =>
    Uint8Array.from({ length: width * height }, (_, p) => data[3 * p + c]!),
  );
  const labels = naiveSegmentation(image, { scale: k, sigma: 0.8, minSize: k });
  const twin = { width, height, planes, textureBin: definedBins(planes, width, height) };
  const { boxes, gap } = naiveGrouping(twin, labels, similarities);
  expect(gap, 'similarities too close to compare: choose another seed').toBeGreaterThan(1e-6);
  const regions = Array.from({ length: boxes.length / 4 }, (_, i) => boxes.slice(4 * i, 4 * i + 4));
  const ranked = regions
    .map((box, i) => ({ box, value: random() * (regions.length - i) }))
    .sort((a, b) => a.value - b.value);
  return ranked
    .map(({ box }) => box)
    .filter((box, i, all) => all.findIndex((other) => `${other}` === `${box}`) === i);
}

test('a search is its parts: σ 0.8, regions of at least k pixels, the seed of mulberry32(1)', () => {
  const image = noise(41, 28, 12);
  const similarities: Similarity[] = ['color', 'texture', 'size', 'fill'];
  const mode: Strategy[] = [{ colorSpace: 'RGB', k: 25, similarities }];
  const expected = naiveSearch(image, 25, similarities, mulberry32(1));
  expect(expected.length).toBeGreaterThan(15);
  expect(rowsOf(selectiveSearch(image, { mode, nmsThreshold: 1 }))).toEqual(expected);
});

test('defaults: fast, every box, of any size, near duplicates above IoU 0.8 last', () => {
  const image = noise(45, 31, 5);
  const found = selectiveSearch(image);
  const defaults = {
    mode: 'fast',
    maxProposals: Infinity,
    minSize: 0,
    nmsThreshold: 0.8,
    resizeWidth: 45,
  } as const;
  expect(found).toEqual(selectiveSearch(image, { ...defaults, random: mulberry32(1) }));
  for (const other of [
    { mode: 'single' },
    { maxProposals: 20 },
    { minSize: 12 },
    { nmsThreshold: 1 },
  ] as const)
    expect(selectiveSearch(image, { ...defaults, ...other })).not.toEqual(found);
  expect(found.scores[0]).toBe(1);
  expect(found.scores.at(-1)).toBeCloseTo(1 / found.scores.length, 6);
});

test('resizing does not scale both axes alike: 23 × 17 searched at 10 × 7', () => {
  const image = noise(23, 17, 3);
  const options = { mode: 'quality', nmsThreshold: 1, random: undefined } as const;
  const inner = selectiveSearch(resizePillow(image, { width: 10, height: 7 }), options);
  const outer = rowsOf(selectiveSearch(image, { ...options, resizeWidth: 10 }));
  expect(outer).toEqual(
    rowsOf(inner).map((row) => row.map((v, i) => Math.fround(i % 2 === 0 ? v * 2.3 : (v * 17) / 7))),
  );
  expect(outer).toContainEqual([0, 0, 23, 17]);
  // 40 × 3 at 5 wide: 0.375 high would be no pixel.
  expect(rowsOf(selectiveSearch(noise(40, 3, 1), { resizeWidth: 5 }))).toContainEqual([0, 0, 40, 3]);
});

describe('boxes', () => {
  const image = noise(70, 50, 4);
  const found = selectiveSearch(image, { mode: 'quality' });

  test('lie in the image, differ from each other, best first', () => {
    const rows = rowsOf(found);
    expect(
      rows.every(
        ([x1, y1, x2, y2]) => 0 <= x1! && x1! < x2! && x2! <= 70 && 0 <= y1! && y1! < y2! && y2! <= 50,
      ),
    ).toBe(true);
    expect(new Set(rows.map(String)).size).toBe(rows.length);
    expect([...found.scores]).toEqual([...found.scores].sort((a, b) => b - a));
    expect(found.scores.every((s) => s > 0 && s <= 1)).toBe(true);
  });

  test('maxProposals keeps the first, minSize drops the small', () => {
    expect(selectiveSearch(image, { maxProposals: 6.5 }).scores).toHaveLength(7);
    expect(rowsOf(selectiveSearch(image, { mode: 'quality', maxProposals: 7 }))).toEqual(
      rowsOf(found).slice(0, 7),
    );
    const plain = { mode: 'quality', nmsThreshold: 1 } as const; // what is dropped postpones nothing
    const all = rowsOf(selectiveSearch(image, plain));
    const large = all.filter(([x1, y1, x2, y2]) => x2! - x1! >= 20 && y2! - y1! >= 20);
    expect(rowsOf(selectiveSearch(image, { ...plain, minSize: 20 }))).toEqual(large);
    expect(large.length).toBeLessThan(all.length);
  });

  test('random changes the order, not the boxes; the same seed gives the same order', () => {
    const other = selectiveSearch(image, { mode: 'quality', random: mulberry32(99) });
    expect(rowsOf(other)).not.toEqual(rowsOf(found));
    expect(rowsOf(other).map(String).sort()).toEqual(rowsOf(found).map(String).sort());
    expect(selectiveSearch(image, { mode: 'quality', random: mulberry32(99) })).toEqual(other);
  });

  test('strategies of one’s own: those of fast, one by one, find what fast finds', () => {
    const apart = modeStrategies('fast').flatMap((strategy) =>
      rowsOf(selectiveSearch(image, { mode: [strategy] })),
    );
    expect(new Set(apart.map(String))).toEqual(new Set(rowsOf(selectiveSearch(image)).map(String)));
  });

  test('resizeWidth: the boxes of the resized image, in original pixels', () => {
    const rows = rowsOf(selectiveSearch(image, { resizeWidth: 35 }));
    expect(rows).toContainEqual([0, 0, 70, 50]);
    expect(rows.every((row) => row.every((v) => v % 2 === 0))).toBe(true); // 35 × 25 pixels of 2 × 2
  });
});

describe('odd images', () => {
  test.each([
    [1, 1],
    [1, 40],
    [40, 1],
    [2, 3],
    [5, 2],
  ])('%i × %i', (width, height) => {
    expect(rowsOf(selectiveSearch(noise(width, height, 1)))).toContainEqual([0, 0, width, height]);
  });

  test('one colour: one region, the image', () => {
    const plain = { data: new Uint8Array(64 * 48 * 3).fill(77), width: 64, height: 48 };
    expect(rowsOf(selectiveSearch(plain, { mode: 'quality' }))).toEqual([[0, 0, 64, 48]]);
  });

  test('alpha is ignored', () => {
    const { data, width, height } = noise(40, 30, 6);
    const rgba = new Uint8ClampedArray(40 * 30 * 4);
    for (let p = 0; p < 1200; p++)
      rgba.set([data[3 * p]!, data[3 * p + 1]!, data[3 * p + 2]!, p % 256], 4 * p);
    expect(selectiveSearch({ data: rgba, width, height })).toEqual(selectiveSearch({ data, width, height }));
  });
});

describe('errors say what came and what was expected', () => {
  const image = noise(8, 6, 1);
  const mine: Strategy = { colorSpace: 'RGB', k: 50, similarities: ['size'] };
  const call = (options: object) => () => selectiveSearch(image, options);
  test.each([
    [
      () => selectiveSearch({ ...image, width: 9 }),
      /selectiveSearch: data of a 9×6 image must have 162 \(RGB\) or 216 \(RGBA\) bytes, got 144/,
    ],
    [
      () => selectiveSearch({ ...image, data: new Uint8Array(240) }),
      /must have 144 \(RGB\) or 192 \(RGBA\) bytes, got 240/,
    ],
    [
      () => selectiveSearch({ ...image, width: 0 }),
      /width and height must be positive integers, got 0 and 6/,
    ],
    [call({ mode: 'slow' }), /mode must be one of single, fast, quality, got slow/],
    [call({ mode: [] }), /strategies must hold at least one/],
    [call({ mode: [{ ...mine, colorSpace: 'XYZ' }] }), /colorSpace must be one of RGB, .*, got XYZ/],
    [call({ mode: [{ ...mine, k: 0 }] }), /k of a strategy must be a positive number, got 0/],
    [call({ mode: [{ ...mine, k: Infinity }] }), /k of a strategy must be a positive number, got Infinity/],
    [call({ mode: [{ ...mine, k: NaN }] }), /got NaN/],
    [call({ mode: [mine, { ...mine, k: -1 }] }), /got -1/],
    [call({ mode: [{ ...mine, similarities: ['size', 'shape'] }] }), /got shape/],
    [call({ nmsThreshold: -0.1 }), /from 0 to 1, got -0.1/],
    [call({ resizeWidth: 0 }), /resizeWidth must be a positive integer, got 0/],
    [call({ mode: [{ ...mine, similarities: ['shape'] }] }), /similarities must be some of .*, got shape/],
    [call({ mode: [{ ...mine, similarities: [] }] }), /got none/],
    [call({ maxProposals: -1 }), /maxProposals must be a number of at least 0, got -1/],
    [call({ nmsThreshold: 1.5 }), /nmsThreshold must be a number from 0 to 1, got 1.5/],
    [call({ minSize: NaN }), /minSize must be a number of at least 0, got NaN/],
    [call({ mode: 'toString' }), /mode must be one of single, fast, quality, got toString/],
    [
      () => selectiveSearch('photo.jpg' as never),
      /selectiveSearch: image must be \{ data, width, height \}, got the text 'photo.jpg'/,
    ],
    [call({ resizeWidth: 0.5 }), /resizeWidth must be a positive integer, got 0.5/],
  ])('%#', (run, message) => {
    expect(run).toThrow(message);
  });
});
