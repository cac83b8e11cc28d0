import { describe, expect, test } from 'vitest';
import { mulberry32, nms, softNms, type SoftNmsOptions } from '../src';
import { box, naiveIou, randomBoxes } from './naive';

/** Bodla et al., figure 2, with a list of what is left. */
function naiveSoftNms(boxes: Float32Array, scores: Float32Array, options: Required<SoftNmsOptions>) {
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
  });
});
