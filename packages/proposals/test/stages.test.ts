import { describe, expect, test } from 'vitest';
import { toColorSpace } from '../src/colorSpaces';
import { graphSegmentation } from '../src/index';
import type { Similarity, Strategy } from '../src/index';
import type { Kernel } from '../src/kernel/kernel';
import { withKernel } from '../src/kernel/kernel';
import { MergeQueue } from '../src/mergeQueue';
import { describeRegions, neighbourPairs } from '../src/regions';
import { runStrategies } from '../src/runStrategies';
import { regionSimilarity } from '../src/similarity';
import { textureCodes } from '../src/texture';
import { mulberry32 } from '@roikit/geometry';
import { noise } from './images';
import { naiveGrouping, naiveSimilarity } from './naive/grouping';
import type { NaiveImage } from './naive/grouping';
import { definedBins, textureResponse } from './naive/texture';

const ALL: Similarity[] = ['color', 'texture', 'size', 'fill'];

/** The twin's view of an image: its own bytes, and texture bins from the definition. */
function naiveImage(width: number, height: number, seed: number) {
  const image = noise(width, height, seed);
  const planes = [0, 1, 2].map((c) =>
    Uint8Array.from({ length: width * height }, (_, p) => image.data[3 * p + c]!),
  );
  return {
    image,
    naive: { width, height, planes, textureBin: definedBins(planes, width, height) } satisfies NaiveImage,
  };
}

test('texture bins are those of Gaussian derivatives in eight directions', () => {
  const [width, height] = [19, 14];
  const { image, naive } = naiveImage(width, height, 3);
  const codes = withKernel((kernel) => {
    const at = textureCodes(kernel, toColorSpace(kernel, image, 'RGB'));
    return kernel.arena.u8(at, width * height * 12).slice();
  });
  // Of two opposite directions one is stored: the other is in bin 0.
  const stored = (p: number, c: number, d: number) => {
    const code = codes[12 * p + 4 * c + (d % 4)]! - 80 * c;
    return Math.floor(code / 10) === d ? code % 10 : 0;
  };
  let unequal = 0;
  const filled = new Set<number>();
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < 3; c++) {
      for (let d = 0; d < 8; d++) {
        filled.add(stored(p, c, d));
        if (stored(p, c, d) === naive.textureBin(p, c, d)) continue;
        unequal++;
        // 40 grey levels a pixel fill ten bins.
        const exact = Math.max(0, textureResponse(naive.planes[c]!, width, height, p, d)) / 4;
        expect(Math.abs(exact - Math.round(exact))).toBeLessThan(1e-4); // rounding, on the edge of two bins
      }
    }
  }
  expect(unequal).toBeLessThan(5);
  expect(filled.size).toBe(10);
});

/** Labels, placed in the kernel's memory. */
function put(kernel: Kernel, { labels, count }: { labels: Int32Array; count: number }) {
  const at = kernel.arena.alloc(4 * labels.length);
  kernel.arena.i32(at, labels.length).set(labels);
  return { labels: at, count };
}

test('sizes, boxes, neighbours and similarities are those of the pixels', () => {
  const [width, height] = [37, 26];
  const { image, naive } = naiveImage(width, height, 8);
  const segmentation = graphSegmentation(image, { scale: 30, minSize: 12 });
  const pixelsOf = Array.from({ length: segmentation.count }, (_, r) =>
    [...segmentation.labels.keys()].filter((p) => segmentation.labels[p] === r),
  );
  withKernel((kernel) => {
    const planes = toColorSpace(kernel, image, 'RGB');
    const map = put(kernel, segmentation);
    const regions = describeRegions(kernel, planes, textureCodes(kernel, planes), map);
    expect([...regions.sizes]).toEqual(pixelsOf.map((pixels) => pixels.length));
    const near = new Set<string>();
    segmentation.labels.forEach((a, p) => {
      const others = [
        p % width < width - 1 ? segmentation.labels[p + 1]! : a,
        segmentation.labels[p + width] ?? a,
      ];
      for (const b of others) if (a !== b) near.add(`${Math.min(a, b)},${Math.max(a, b)}`);
    });
    const pairs = neighbourPairs(kernel, map, width, height);
    const listed = Array.from({ length: pairs.length / 2 }, (_, i) => `${pairs[2 * i]},${pairs[2 * i + 1]}`);
    expect(listed.length).toBe(near.size);
    expect(new Set(listed)).toEqual(near);
    const [a, b] = [pairs[0]!, pairs[1]!];
    const of = (...names: Similarity[]) => regionSimilarity(kernel, regions, names, width * height)(a, b);
    expect(of('size', 'fill', 'size')).toBe(of('size') + of('fill')); // named twice, counted once
    expect(of(...ALL)).toBeCloseTo(
      ALL.reduce((sum, name) => sum + of(name), 0),
      10,
    );
    for (const name of ALL) {
      const similarity = regionSimilarity(kernel, regions, [name], width * height);
      for (let i = 0; i < pairs.length; i += 2) {
        const [a, b] = [pairs[i]!, pairs[i + 1]!];
        expect(similarity(a, b), `${name} of ${a}, ${b}`).toBeCloseTo(
          naiveSimilarity(naive, pixelsOf[a]!, pixelsOf[b]!, [name]),
          5,
        );
      }
    }
  });
});

test.each([
  { width: 3, labels: [0, 0, 0, 1, 1, 1], pairs: [0, 1] },
  { width: 2, labels: [0, 1, 0, 1, 0, 1], pairs: [0, 1] },
  { width: 2, labels: [0, 1, 2, 0], pairs: [0, 1, 0, 2] }, // 1 and 2 meet at a corner only
  { width: 3, labels: [0, 0, 0, 0, 0, 0, 0, 0, 1], pairs: [0, 1] },
  { width: 3, labels: [0, 0, 1, 2, 2, 2], pairs: [0, 1, 0, 2, 1, 2] }, // no wrap from one row to the next
  { width: 2, labels: [0, 1, 2, 3], pairs: [0, 1, 0, 2, 1, 3, 2, 3] },
])('neighbours share a side: $labels, $width wide', ({ width, labels, pairs }) => {
  const count = Math.max(...labels) + 1;
  const found = withKernel((kernel) =>
    neighbourPairs(
      kernel,
      put(kernel, { labels: Int32Array.from(labels), count }),
      width,
      labels.length / width,
    ),
  );
  expect([...found]).toEqual(pairs);
});

describe('grouping agrees with the algorithm over sets of pixels, region for region', () => {
  const subsets: Similarity[][] = [
    ALL,
    ['texture', 'size', 'fill'],
    ['color'],
    ['texture'],
    ['size'],
    ['fill'],
    ['color', 'fill'],
  ];
  test.each(subsets.map((names, i) => ({ names, seed: 20 + i })))('$names', ({ names, seed }) => {
    const [width, height] = [40, 30];
    const { image, naive } = naiveImage(width, height, seed);
    const { labels, count } = graphSegmentation(image, { scale: 20, sigma: 0.8, minSize: 20 });
    const expected = naiveGrouping(naive, labels, names);
    expect(count).toBeGreaterThan(15);
    expect(expected.gap, 'similarities too close to compare: choose another seed').toBeGreaterThan(1e-6);
    expect([...runStrategies(image, [{ colorSpace: 'RGB', k: 20, similarities: names }])[0]!]).toEqual(
      expected.boxes,
    );
  });
});

test('strategies run together find what each finds alone, by colour space and k', () => {
  const image = noise(33, 24, 5);
  const strategies: Strategy[] = [
    { colorSpace: 'RGB', k: 30, similarities: ['size'] },
    { colorSpace: 'I', k: 20, similarities: ALL },
    { colorSpace: 'RGB', k: 15, similarities: ALL },
    { colorSpace: 'RGB', k: 30, similarities: ['texture', 'fill'] },
  ];
  const alone = strategies.map((strategy) => runStrategies(image, [strategy])[0]);
  expect(new Set(alone.map(String)).size).toBe(4);
  expect(runStrategies(image, strategies)).toEqual([alone[0], alone[3], alone[2], alone[1]]);
});

test('the merge queue gives pairs by similarity, then age', () => {
  const random = mulberry32(9);
  const pairs = Array.from({ length: 500 }, (_, n) => ({
    a: n % 20,
    b: 20 + Math.floor(n / 20),
    s: Math.floor(random() * 10),
  }));
  const queue = new MergeQueue(1);
  for (const { a, b, s } of [...pairs].sort(() => random() - 0.5)) queue.push(a, b, s);
  const out = new Int32Array(2);
  const found = pairs.map(() => (queue.pop(out), [...out]));
  expect(found).toEqual(
    [...pairs].sort((p, q) => q.s - p.s || p.b - q.b || p.a - q.a).map(({ a, b }) => [a, b]),
  );
  expect(queue.length).toBe(0);
});
