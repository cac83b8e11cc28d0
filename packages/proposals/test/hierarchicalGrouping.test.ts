import { expect, test } from 'vitest';
import { hierarchicalGrouping, selectiveSearch } from '../src/index';
import { runStrategies } from '../src/runStrategies';
import { noise } from './images';

/** x1 y1 x2 y2 of all pixels whose region is one of `members`. */
function boxOf(labels: Int32Array, width: number, members: ReadonlySet<number>): number[] {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  labels.forEach((label, p) => {
    if (!members.has(label)) return;
    const [x, y] = [p % width, Math.floor(p / width)];
    box[0] = Math.min(box[0]!, x);
    box[1] = Math.min(box[1]!, y);
    box[2] = Math.max(box[2]!, x + 1);
    box[3] = Math.max(box[3]!, y + 1);
  });
  return box;
}

test('merges lead from the segmentation to the whole image, and each box holds what was merged', () => {
  const image = noise(48, 30, 7);
  const { labels, count, merges, boxes } = hierarchicalGrouping(image, { k: 30, sigma: 0.5 });
  expect(count).toBeGreaterThan(5);
  expect(merges).toHaveLength(2 * (count - 1));
  const members = Array.from({ length: count }, (_, i) => new Set([i]));
  for (let i = 0; i < merges.length; i += 2) {
    const [a, b] = [members[merges[i]!]!, members[merges[i + 1]!]!];
    expect([...a].some((region) => b.has(region))).toBe(false);
    members.push(new Set([...a, ...b]));
  }
  expect(members.at(-1)!.size).toBe(count);
  expect(new Set(merges).size).toBe(merges.length); // a region is merged once
  members.forEach((own, i) => expect([...boxes.subarray(4 * i, 4 * i + 4)]).toEqual(boxOf(labels, 48, own)));
});

test('is the run that selective search makes of the same strategy', () => {
  const image = noise(40, 26, 3);
  const strategy = { colorSpace: 'Lab', k: 50, similarities: ['texture', 'fill'] } as const;
  const { boxes } = hierarchicalGrouping(image, strategy);
  expect(boxes).toEqual(runStrategies(image, [strategy])[0]);
  expect(hierarchicalGrouping(image).boxes).toEqual(
    runStrategies(image, [
      { colorSpace: 'HSV', k: 100, similarities: ['color', 'texture', 'size', 'fill'] },
    ])[0],
  );
  expect(selectiveSearch(image, { mode: [strategy] }).boxes.length).toBeLessThanOrEqual(boxes.length);
});

test('refuses what it can not use', () => {
  expect(() => hierarchicalGrouping(noise(9, 9, 1), { sigma: -1 })).toThrow(/hierarchicalGrouping: sigma/);
  expect(() => hierarchicalGrouping(noise(9, 5, 1), { sigma: 10 })).toThrow(
    /sigma must be at most .* 9, got 10/,
  );
  expect(() => hierarchicalGrouping({ data: new Uint8Array(5), width: 3, height: 3 })).toThrow(
    /hierarchicalGrouping/,
  );
});
