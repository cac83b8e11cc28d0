import { describe, expect, test } from 'vitest';
import { batchedNms, mulberry32, nms } from '../src';
import { naiveNms, randomBoxes } from './naive';

const random = mulberry32(7);
const randomScores = (count: number, levels: number): Float32Array =>
  Float32Array.from({ length: count }, () => Math.floor(random() * levels) / levels);

describe('nms equals its quadratic twin', () => {
  for (const [count, extent, meanSide] of [
    [1, 10, 5],
    [63, 50, 20],
    [65, 50, 20],
    [500, 100, 10],
    [700, 700, 80],
    [700, 1e6, 3],
    [500, 1e-3, 1e-4],
  ] as const) {
    test.each([0, 1e-4, 0.01, 0.1, 0.3, 0.45, 0.5, 0.55, 0.7, 0.95, 1])(
      `${count} boxes in ${extent}, sides ${meanSide}, threshold %d`,
      (iouThreshold) => {
        const boxes = randomBoxes(random, { count, extent, meanSide });
        const scores = randomScores(count, 50); // many ties
        expect(Array.from(nms(boxes, scores, { iouThreshold }))).toEqual(
          naiveNms(boxes, scores, iouThreshold),
        );
      },
    );
  }

  test('mixed sizes, four orders of magnitude', () => {
    const boxes = new Float32Array([
      ...randomBoxes(random, { count: 300, extent: 1000, meanSide: 0.5 }),
      ...randomBoxes(random, { count: 300, extent: 1000, meanSide: 50 }),
      ...randomBoxes(random, { count: 300, extent: 10, meanSide: 2000 }),
    ]);
    const scores = randomScores(900, 1e6);
    for (const iouThreshold of [0.05, 0.3, 0.5, 0.8]) {
      expect(Array.from(nms(boxes, scores, { iouThreshold }))).toEqual(naiveNms(boxes, scores, iouThreshold));
    }
  });

  test('areas among the denormal numbers, where a float32 ratio says little about the overlap', () => {
    for (let round = 0; round < 10; round++) {
      const boxes = randomBoxes(random, { count: 300, extent: 1e-22, meanSide: 5e-23 });
      const scores = randomScores(300, 1e6);
      for (const iouThreshold of [0.1, 0.3, 0.5, 0.7, 0.9]) {
        expect(Array.from(nms(boxes, scores, { iouThreshold }))).toEqual(
          naiveNms(boxes, scores, iouThreshold),
        );
      }
    }
  });

  test('areas beyond float32', () => {
    const boxes = randomBoxes(random, { count: 200, extent: 1e21, meanSide: 3e20 });
    const scores = randomScores(200, 1e6);
    expect(Array.from(nms(boxes, scores, { iouThreshold: 0.5 }))).toEqual(naiveNms(boxes, scores, 0.5));
  });

  test('whole-pixel boxes, whose overlaps hit the threshold exactly', () => {
    const boxes = randomBoxes(random, { count: 800, extent: 22, meanSide: 4 }).map(Math.round);
    const scores = randomScores(800, 20);
    for (const iouThreshold of [0.25, 0.3, 1 / 3, 0.5, 0.6, 0.75]) {
      expect(Array.from(nms(boxes, scores, { iouThreshold }))).toEqual(naiveNms(boxes, scores, iouThreshold));
    }
  });
});

describe('rules', () => {
  const halves = Float32Array.of(0, 0, 2, 1, 0, 0, 1, 1); // IoU exactly 1/2

  test('an IoU equal to the threshold is kept, one above is not', () => {
    const scores = Float32Array.of(1, 0.5);
    expect(Array.from(nms(halves, scores, { iouThreshold: 0.5 }))).toEqual([0, 1]);
    expect(Array.from(nms(halves, scores, { iouThreshold: 0.4999999 }))).toEqual([0]);
  });

  test('equal scores go by the lower index, −0 counts as 0', () => {
    const same = Float32Array.of(0, 0, 2, 1, 0, 0, 2, 1, 5, 5, 6, 6);
    expect(Array.from(nms(same, Float32Array.of(-0, 0, 0), { iouThreshold: 0.5 }))).toEqual([0, 2]);
    const many = new Float32Array(4 * 100).map((_, i) => (i % 4 < 2 ? i : i + 1)); // radix path
    const kept = nms(
      many,
      new Float32Array(100).map((_, i) => (i % 2 ? 0 : -0)),
      { iouThreshold: 0.5 },
    );
    expect(Array.from(kept)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  test('two far boxes are both kept (the source text loses one)', () => {
    const boxes = Float32Array.of(0, 0, 100, 50, 500, 500, 600, 560);
    expect(Array.from(nms(boxes, Float32Array.of(0.9, 0.8), { iouThreshold: 0.3 }))).toEqual([0, 1]);
  });

  test('scores of any sign and ±∞ are ranked', () => {
    const boxes = Float32Array.from({ length: 4 * 70 }, (_, i) => (i % 4 < 2 ? i : i + 1));
    const scores = Float32Array.from({ length: 70 }, (_, i) =>
      i === 3 ? Infinity : i === 4 ? -Infinity : 30 - i,
    );
    const expected = Array.from(scores, (_, i) => i).sort((i, j) => scores[j]! - scores[i]!);
    expect(Array.from(nms(boxes, scores, { iouThreshold: 0.5 }))).toEqual(expected);
  });

  test('maxOutput is a prefix', () => {
    const boxes = randomBoxes(random, { count: 200, extent: 100, meanSide: 20 });
    const scores = randomScores(200, 1000);
    const all = nms(boxes, scores, { iouThreshold: 0.5 });
    for (const maxOutput of [0, 1, 7, 1000]) {
      expect(nms(boxes, scores, { iouThreshold: 0.5, maxOutput })).toEqual(all.slice(0, maxOutput));
    }
  });

  test('boxes without extent or with negative sides are kept and suppress nothing', () => {
    const boxes = Float32Array.of(0, 0, 0, 5, 0, 0, 0, 5, 5, 5, 1, 1, 1, 1, 5, 5);
    expect(nms(boxes, Float32Array.of(4, 3, 2, 1), { iouThreshold: 0 })).toEqual(Int32Array.of(0, 1, 2, 3));
  });

  test('empty input gives no index', () => {
    expect(nms(new Float32Array(0), new Float32Array(0), { iouThreshold: 0.5 })).toEqual(new Int32Array(0));
  });

  test.each([
    [
      () => nms(halves, Float32Array.of(1), { iouThreshold: 0.5 }),
      'nms: scores must have one entry per box (2), got 1',
    ],
    [() => nms(halves, Float32Array.of(1, NaN), { iouThreshold: 0.5 }), 'NaN at 1'],
    [
      () => nms(Float32Array.of(0, 0, NaN, 1), Float32Array.of(1), { iouThreshold: 0.5 }),
      'finite, got NaN in box 0',
    ],
    [
      () => nms(Float32Array.of(0, 0, Infinity, 1), Float32Array.of(1), { iouThreshold: 0.5 }),
      'got Infinity',
    ],
    [
      () => nms(halves, Float32Array.of(1, 1), { iouThreshold: 50 }),
      'iouThreshold must be in [0, 1], got 50',
    ],
    [() => nms(halves, Float32Array.of(1, 1), { iouThreshold: 0.5, maxOutput: -1 }), 'maxOutput'],
    [() => nms(halves.subarray(1), Float32Array.of(1, 1), { iouThreshold: 0.5 }), '4 numbers a box'],
    [
      () => nms([[0, 0, 1, 1]] as unknown as Float32Array, Float32Array.of(1), { iouThreshold: 0.5 }),
      'Float32Array',
    ],
  ])('bad input %#', (call, message) => {
    expect(call).toThrow(message);
  });
});

describe('batchedNms', () => {
  test('is nms within each label, all by descending score', () => {
    const boxes = randomBoxes(random, { count: 1000, extent: 200, meanSide: 40 });
    const scores = randomScores(1000, 100);
    const labels = Int32Array.from({ length: 1000 }, () => Math.floor(random() * 5) - 1);
    const expected: number[] = [];
    for (let label = -1; label < 4; label++) {
      const members = Array.from(labels.keys()).filter((i) => labels[i] === label);
      const kept = naiveNms(
        Float32Array.from(members.flatMap((i) => Array.from(boxes.subarray(4 * i, 4 * i + 4)))),
        Float32Array.from(members, (i) => scores[i]!),
        0.4,
      );
      expected.push(...kept.map((i) => members[i]!));
    }
    expected.sort((i, j) => scores[j]! - scores[i]! || i - j);
    expect(Array.from(batchedNms(boxes, scores, labels, { iouThreshold: 0.4 }))).toEqual(expected);
    const first = batchedNms(boxes, scores, labels, { iouThreshold: 0.4, maxOutput: 11 });
    expect(Array.from(first)).toEqual(expected.slice(0, 11));
  });

  test('labels must match', () => {
    const call = () =>
      batchedNms(new Float32Array(8), new Float32Array(2), new Int32Array(3), { iouThreshold: 0 });
    expect(call).toThrow('batchedNms: labels must have one entry per box (2), got 3');
  });
});
