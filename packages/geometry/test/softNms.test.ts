import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchedSoftNms, mulberry32, nms, softNms, type SoftNmsOptions } from '../src';
import { oneBox, toBoxes } from './arbitraries';
import { box, naiveIou, randomBoxes } from './naive';

/** Bodla et al., figure 2, with a list of what is left. */
function naiveSoftNms(
  boxes: Float32Array,
  scores: Float32Array,
  options: Required<Omit<SoftNmsOptions, 'maxOutput'>>,
) {
  let left = Array.from(scores, (score, i) => ({ i, score })).filter(
    ({ score }) => score >= options.scoreThreshold,
  );
  const chosen: { i: number; score: number }[] = [];
  while (left.length > 0) {
    left.sort((a, b) => b.score - a.score || a.i - b.i);
    const best = left.shift()!;
    chosen.push(best);
    left = left.map(({ i, score }) => {
      const iou = naiveIou(box(boxes, best.i), box(boxes, i));
      if (options.method === 'gaussian') return { i, score: score * Math.exp(-(iou ** 2) / options.sigma) };
      return { i, score: iou > options.iouThreshold ? score * (1 - iou) : score };
    });
    left = left.filter(({ score }) => score >= options.scoreThreshold);
  }
  return chosen;
}

describe('softNms equals its twin', () => {
  const random = mulberry32(21);
  const boxes = randomBoxes(random, { count: 250, extent: 60, meanSide: 12 }).map(Math.round);
  const scores = Float32Array.from({ length: 250 }, () => Math.floor(random() * 30) / 30);

  for (const method of ['linear', 'gaussian'] as const) {
    test.each([
      { iouThreshold: 0.3, sigma: 0.5, scoreThreshold: 0.001 },
      { iouThreshold: 0.6, sigma: 0.1, scoreThreshold: 0.2 },
      { iouThreshold: 0, sigma: 2, scoreThreshold: 0 },
    ])(`${method} %j`, (rest) => {
      const options = { method, ...rest };
      const result = softNms(boxes, scores, options);
      const expected = naiveSoftNms(boxes, scores, options);
      expect(Array.from(result.indices)).toEqual(expected.map(({ i }) => i));
      expect(result.scores).toEqual(Float32Array.from(expected, ({ score }) => score));
    });
  }
});

/** Some boxes and scores on a coarse raster, so that overlaps lie on a threshold and scores are equal. */
const scored = fc
  .array(
    fc.tuple(
      oneBox,
      fc.oneof(fc.float({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 4 })),
      fc.integer({ min: -1, max: 2 }),
    ),
    { maxLength: 60 },
  )
  .map((rows) => ({
    boxes: toBoxes(rows.map(([row]) => row)),
    scores: Float32Array.from(rows, ([, score]) => score),
    labels: Int32Array.from(rows, ([, , label]) => label),
  }));
const share = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(0, 1e-4, 0.25, 0.5, 0.75, 1),
);
const options = fc.record({
  method: fc.constantFrom('linear' as const, 'gaussian' as const),
  iouThreshold: share,
  sigma: fc.constantFrom(0.1, 0.5, 2),
  scoreThreshold: fc.constantFrom(0, 0.001, 0.25, 0.9),
});
const limit = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant(Infinity));

describe('property', () => {
  test('softNms is its twin, to the bit, and with maxOutput the first of it', () => {
    fc.assert(
      fc.property(scored, options, limit, ({ boxes, scores }, rules, maxOutput) => {
        const expected = naiveSoftNms(boxes, scores, rules).slice(0, maxOutput);
        expect(softNms(boxes, scores, { ...rules, maxOutput })).toEqual({
          indices: Int32Array.from(expected, ({ i }) => i),
          scores: Float32Array.from(expected, ({ score }) => score),
        });
      }),
      { numRuns: 400 },
    );
  });

  test('batchedSoftNms is the twin of each label alone, sorted as float32 and cut', () => {
    fc.assert(
      fc.property(scored, options, limit, ({ boxes, scores, labels }, rules, maxOutput) => {
        const expected = [...new Set(labels)]
          .flatMap((label) => {
            const own = [...labels.keys()].filter((i) => labels[i] === label);
            const ownBoxes = Float32Array.from(own.flatMap((i) => [...box(boxes, i)]));
            const ownScores = Float32Array.from(own, (i) => scores[i]!);
            return naiveSoftNms(ownBoxes, ownScores, rules).map(({ i, score }) => ({
              i: own[i]!,
              score: Math.fround(score),
            }));
          })
          .sort((a, b) => b.score - a.score || a.i - b.i)
          .slice(0, maxOutput);
        expect(batchedSoftNms(boxes, scores, labels, { ...rules, maxOutput })).toEqual({
          indices: Int32Array.from(expected, ({ i }) => i),
          scores: Float32Array.from(expected, ({ score }) => score),
        });
      }),
      { numRuns: 400 },
    );
  });
});

test('where the limit cuts scores that are equal in float32 only, the lower index stays', () => {
  // The second falls to 1 · (1 − 1/3), in float64 below the third's score, which is 2/3 rounded up.
  const boxes = Float32Array.of(0, 0, 2, 6, 1, 0, 3, 6, 50, 0, 60, 7);
  const scores = Float32Array.of(2, 1, 2 / 3);
  const labels = Int32Array.of(1, 1, 2);
  expect(1 - 1 / 3).toBeLessThan(scores[2]!);
  const best = (maxOutput: number) =>
    Array.from(batchedSoftNms(boxes, scores, labels, { method: 'linear', maxOutput }).indices);
  expect([best(1), best(2), best(3)]).toEqual([[0], [0, 1], [0, 1, 2]]);
  const alone = softNms(boxes, scores, { method: 'linear', maxOutput: 2 });
  expect(Array.from(alone.indices)).toEqual([0, 2]);
});

describe('rules', () => {
  const pair = Float32Array.of(0, 0, 2, 1, 0, 0, 1, 1); // IoU 1/2

  test('linear lowers by 1 − IoU, gaussian by exp(−IoU² / σ)', () => {
    const scores = Float32Array.of(1, 0.5);
    expect(softNms(pair, scores, { method: 'linear' }).scores).toEqual(Float32Array.of(1, 0.25));
    expect(softNms(pair, scores, { method: 'linear', iouThreshold: 0.5 }).scores).toEqual(scores);
    const gaussian = softNms(pair, scores, { method: 'gaussian', sigma: 0.5 }).scores;
    expect(gaussian[1]).toBeCloseTo(0.5 * Math.exp(-0.5), 6);
  });

  test('boxes apart: as nms, with their scores', () => {
    const boxes = Float32Array.from({ length: 40 }, (_, i) => 10 * Math.floor(i / 4) + (i % 4 < 2 ? 0 : 5));
    const scores = Float32Array.from({ length: 10 }, (_, i) => ((i * 7) % 10) / 10 + 0.05);
    const { indices } = softNms(boxes, scores, { method: 'linear' });
    expect(indices).toEqual(nms(boxes, scores, { iouThreshold: 0.3 }));
  });

  test('empty input, bad input', () => {
    const none = new Float32Array(0);
    expect(softNms(none, none, { method: 'linear' })).toEqual({ indices: new Int32Array(0), scores: none });
    const call =
      (options: object, scores = Float32Array.of(1, 1)) =>
      () =>
        softNms(pair, scores, { method: 'linear', ...options });
    expect(call({}, Float32Array.of(1))).toThrow('softNms: scores must have one entry per box (2), got 1');
    expect(call({}, Float32Array.of(1, -1))).toThrow('scores must not be negative, got -1 at 1');
    expect(call({}, Float32Array.of(1, NaN))).toThrow('NaN at 1');
    expect(call({ method: 'hard' })).toThrow("got 'hard'");
    expect(call({ sigma: 0 })).toThrow('sigma must be positive, got 0');
    expect(call({ iouThreshold: 2 })).toThrow('iouThreshold must be in [0, 1], got 2');
    expect(call({ scoreThreshold: NaN })).toThrow('scoreThreshold must be ≥ 0, got NaN');
    expect(call({ maxOutput: 1.5 })).toThrow(
      'softNms: maxOutput must be a whole number or Infinity, got 1.5',
    );
    const batched =
      (labels: number[], scores = Float32Array.of(1, 1)) =>
      () =>
        batchedSoftNms(pair, scores, Int32Array.from(labels), { method: 'linear' });
    expect(batched([1])).toThrow('batchedSoftNms: labels must have one entry per box (2), got 1');
    expect(batched([1, 1], Float32Array.of(1, -1))).toThrow('batchedSoftNms: scores must not be negative');
  });
});
