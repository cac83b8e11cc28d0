import { describe, expect, test } from 'vitest';
import { checkProposals } from '../src/proposals/checkProposals';

const good = [1, 2, 30, 20];

describe('checkProposals', () => {
  test('boxes without area are proposals, and none are', () => {
    for (const boxes of [[], good, [5, 5, 5, 5], [-3, -4, 1e30, 7]])
      expect([...checkProposals('detect', Float32Array.from(boxes))]).toEqual(boxes.map(Math.fround));
  });

  test.each(
    [0, 1, 2, 3].flatMap((corner) =>
      [NaN, Infinity, -Infinity, [40, 21, 0, 1][corner]!].map((value) => [corner, value] as const),
    ),
  )('number %i as %d is refused, with the box', (corner, value) => {
    const boxes = Float32Array.from([...good, ...good]);
    boxes[4 + corner] = value;
    const written = [...boxes.subarray(4)].join(' ');
    expect(() => checkProposals('detect', boxes)).toThrow(
      `detect: proposals must have finite corners with x1 ≤ x2 and y1 ≤ y2, got ${written} for box 1;`,
    );
  });

  test('five numbers are no boxes', () => {
    expect(() => checkProposals('detect', new Float32Array(5))).toThrow(
      /detect: proposals must be \[R, 4\], .* got 5;/,
    );
  });
});
