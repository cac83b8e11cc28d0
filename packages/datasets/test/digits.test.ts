import { mulberry32 } from '@roikit/geometry';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { digits, type Dataset, type Sample } from '../src';
import { inkBox, layGlyph } from '../src/digits/glyph';
import { loadDigitPools } from '../src/digits/pool';

const scenes = (seed: number, options: Partial<Parameters<typeof digits>[0]> = {}): Dataset =>
  digits({ count: 40, random: mulberry32(seed), ...options });

async function all(dataset: Dataset): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let i = 0; i < dataset.length; i++) samples.push(await dataset.get(i));
  return samples;
}

describe('digits', () => {
  test('a scene depends on seed and index alone', async () => {
    const [one, same, other] = [scenes(1), scenes(1), scenes(2)];
    const forwards = [await one.get(0), await one.get(7)];
    const backwards = [await same.get(7), await same.get(0)].reverse();
    expect(forwards).toEqual(backwards);
    expect(await one.get(0)).toEqual(forwards[0]);
    expect((await other.get(0)).image.data).not.toEqual(forwards[0]!.image.data);
    expect((await one.get(1)).image.data).not.toEqual(forwards[0]!.image.data);
    expect([one.id(7), (await one.get(7)).id]).toEqual(['00007', '00007']);
  });

  test('boxes lie inside, are 20 px and more on the longer side, and hardly overlap', async () => {
    const counts: number[] = [];
    const sides: number[] = [];
    const labels = new Set<number>();
    for (const { image, truth } of await all(scenes(3))) {
      expect([image.width, image.height, image.data.length]).toEqual([224, 224, 224 * 224 * 3]);
      counts.push(truth.labels.length);
      truth.labels.forEach((label) => labels.add(label));
      const boxes = Array.from(truth.labels, (_, i) => truth.boxes.subarray(4 * i, 4 * i + 4));
      for (const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] of boxes) {
        expect(Math.min(x1, y1, 224 - x2, 224 - y2)).toBeGreaterThanOrEqual(2);
        sides.push(Math.max(x2 - x1, y2 - y1));
      }
      for (let a = 0; a < boxes.length; a++) {
        for (let b = 0; b < a; b++) expect(overlap(boxes[a]!, boxes[b]!)).toBeLessThanOrEqual(0.1);
      }
    }
    expect([Math.min(...counts), Math.max(...counts)]).toEqual([2, 6]);
    expect([...labels].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(Math.min(...sides)).toBeGreaterThanOrEqual(20);
    expect(Math.max(...sides)).toBeLessThanOrEqual(112);
  });

  test('the box holds a digit: inside its frame the picture has edges, around it hardly any', async () => {
    let [onEdge, beyond] = [0, 0];
    for (const { image, truth } of await all(scenes(4))) {
      for (let i = 0; i < truth.labels.length; i++) {
        const [x1, y1, x2, y2] = [...truth.boxes.subarray(4 * i, 4 * i + 4)] as [
          number,
          number,
          number,
          number,
        ];
        // Columns of the box's left and right edge against columns 3 px outside.
        for (const [edge, out] of [
          [x1, x1 - 2],
          [x2 - 1, x2 + 1],
        ] as const) {
          onEdge += spread(image, { x: edge, y1, y2 });
          beyond += spread(image, { x: out, y1, y2 });
        }
      }
    }
    expect(onEdge / beyond).toBeGreaterThan(1.5);
  });

  test('train and test share no handwritten digit, and leave none out', async () => {
    const raw = createRequire(import.meta.url)('mnist') as { length: number; raw: number[] }[];
    const [train, held] = [await loadDigitPools('train'), await loadDigitPools('test')];
    for (const [digit, pool] of train.entries()) {
      const rest = held[digit]!;
      expect(pool.length + rest.length).toBe(raw[digit]!.length);
      expect(pool.length).toBe(Math.floor(raw[digit]!.length * 0.8));
      const key = (pixels: ArrayLike<number>): string => Array.from(pixels).join();
      const seen = new Set(Array.from({ length: pool.length }, (_, i) => key(pool.get(i))));
      for (let i = 0; i < rest.length; i++) expect(seen.has(key(rest.get(i)))).toBe(false);
    }
  });

  test('splits with one seed differ in their backgrounds too', async () => {
    const [train, held] = [await scenes(5).get(0), await scenes(5, { split: 'test' }).get(0)];
    let same = 0;
    train.image.data.forEach((value, i) => (same += Number(Math.abs(value - held.image.data[i]!) < 4)));
    expect(same / train.image.data.length).toBeLessThan(0.5);
  });

  test('size scales the scene', async () => {
    const { image, truth } = await scenes(6, { size: 96 }).get(0);
    expect([image.width, image.height]).toEqual([96, 96]);
    expect(Math.max(...truth.boxes)).toBeLessThanOrEqual(94);
  });

  test('bad options are named', async () => {
    const random = (): number => 0.5;
    expect(() => digits({ count: -1, random })).toThrow('digits: count must be an integer ≥ 0, got -1');
    expect(() => digits({ count: 1, size: 50, random })).toThrow(
      /digits: size must be an integer ≥ 96 .*, got 50/,
    );
    expect(() => digits({ count: 2, random }).id(2)).toThrow(
      'digits: index must be an integer in [0, 2), got 2',
    );
    await expect(digits({ count: 2, random }).get(-1)).rejects.toThrow('got -1');
  });
});

describe('layGlyph', () => {
  // A bar 4 wide and 20 high in the middle of the 28 × 28.
  const bar = Float64Array.from({ length: 784 }, (_, i) =>
    Number(Math.abs((i % 28) - 13.5) < 2 && Math.abs(Math.floor(i / 28) - 13.5) < 10),
  );
  const place = { cx: 60, cy: 50, side: 40, angle: 0, shear: 0 };
  const farthest = ({ x1, y1, x2, y2 }: ReturnType<typeof inkBox>, expected: number[]): number =>
    Math.max(...[x1, y1, x2, y2].map((edge, i) => Math.abs(edge - expected[i]!)));

  test('the ink is as large as asked for, and centred', () => {
    expect(farthest(inkBox(layGlyph(bar, place)), [56, 30, 64, 70])).toBeLessThanOrEqual(1);
  });

  test('a quarter turn exchanges the sides', () => {
    const turned = layGlyph(bar, { ...place, angle: Math.PI / 2 });
    expect(farthest(inkBox(turned), [40, 46, 80, 54])).toBeLessThanOrEqual(1);
  });

  test('the box is the tightest around what is more than half covered', () => {
    const ink = layGlyph(bar, { ...place, angle: 0.3, shear: 0.1 });
    const box = inkBox(ink);
    const width = ink.region.x2 - ink.region.x1;
    const covered = [...ink.coverage.keys()].filter((i) => ink.coverage[i]! >= 0.5);
    const xs = covered.map((i) => ink.region.x1 + (i % width));
    const ys = covered.map((i) => ink.region.y1 + Math.floor(i / width));
    expect(box).toEqual({
      x1: Math.min(...xs),
      y1: Math.min(...ys),
      x2: Math.max(...xs) + 1,
      y2: Math.max(...ys) + 1,
    });
  });
});

/** Intersection over the smaller area. */
function overlap(a: Float32Array, b: Float32Array): number {
  const width = Math.max(Math.min(a[2]!, b[2]!) - Math.max(a[0]!, b[0]!), 0);
  const height = Math.max(Math.min(a[3]!, b[3]!) - Math.max(a[1]!, b[1]!), 0);
  const area = (box: Float32Array): number => (box[2]! - box[0]!) * (box[3]! - box[1]!);
  return (width * height) / Math.min(area(a), area(b));
}

/** Range of the green values of a column. */
function spread({ data, width }: Sample['image'], { x, y1, y2 }: Record<'x' | 'y1' | 'y2', number>): number {
  const values: number[] = [];
  for (let y = y1; y < y2; y++) values.push(data[(y * width + x) * 3 + 1]!);
  return Math.max(...values) - Math.min(...values);
}
