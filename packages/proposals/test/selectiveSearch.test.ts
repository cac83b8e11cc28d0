import { expect, test } from 'vitest';
import { graphSegmentation, selectiveSearch } from '../src/index';

/** A dark disc on a light ground: one object, one obvious box. */
function disc(width: number, height: number, cx: number, cy: number, radius: number) {
  const data = new Uint8Array(width * height * 3).fill(220);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if ((x - cx) ** 2 + (y - cy) ** 2 < radius * radius)
        data.fill(40, 3 * (y * width + x), 3 * (y * width + x) + 3);
  return { data, width, height };
}

test('a disc is found, and the whole image', () => {
  const { boxes, scores } = selectiveSearch(disc(80, 60, 30, 30, 15), { mode: 'fast' });
  const rows = Array.from({ length: scores.length }, (_, i) => Array.from(boxes.subarray(4 * i, 4 * i + 4)));
  expect(rows).toContainEqual([0, 0, 80, 60]);
  const near = rows.some(([x1, y1, x2, y2]) =>
    [x1! - 15, y1! - 15, x2! - 46, y2! - 46].every((d) => Math.abs(d) <= 3),
  );
  expect(near).toBe(true);
});

test('graphSegmentation tells the disc from the ground', () => {
  const { labels, count } = graphSegmentation(disc(80, 60, 30, 30, 15), {
    scale: 500,
    sigma: 0,
    minSize: 50,
  });
  expect(count).toBe(2);
  expect(labels[0]).not.toBe(labels[30 * 80 + 30]);
});
