import { BoxCoder, gatherBoxes, softNms } from '@roikit/geometry';
import { describe, expect, test } from 'vitest';
import { postprocessDetections } from '../src';
import { coder, predictions } from './regionPredictions';

describe('soft-NMS', () => {
  test.each([
    ['linear', 100, Infinity],
    ['linear', 7, Infinity],
    ['gaussian', 9, 20],
    ['gaussian', 0, 20],
  ] as const)(
    '%s: each class alone, all of it, then the best %i (of a class at most %f)',
    (method, best, maxPerClass) => {
      const options = { coder, scoreThreshold: 0.08, maxPerClass };
      const all = postprocessDetections(predictions, {
        ...options,
        nmsThreshold: 1,
        maxDetections: Infinity,
      });
      const expected = [1, 2, 3]
        .flatMap((label) => {
          const own = Array.from(all.labels.keys()).filter((i) => all.labels[i] === label);
          const ownScores = Float32Array.from(own, (i) => all.scores[i]!);
          const rules = { method, iouThreshold: 0.2, scoreThreshold: 0.08 };
          const soft = softNms(gatherBoxes(all.boxes, own), ownScores, rules);
          return Array.from(soft.indices, (at, i) => ({ at: own[at]!, score: soft.scores[i]! }));
        })
        .sort((a, b) => b.score - a.score)
        .slice(0, best);
      const got = postprocessDetections(predictions, {
        ...options,
        softNms: { method },
        nmsThreshold: 0.2,
        maxDetections: best,
      });
      expect(got).toEqual({
        boxes: gatherBoxes(
          all.boxes,
          expected.map(({ at }) => at),
        ),
        scores: Float32Array.from(expected, ({ score }) => score),
        labels: Int32Array.from(expected, ({ at }) => all.labels[at]!),
      });
    },
  );
});

describe('soft-NMS by hand', () => {
  const predictions = {
    scores: Float32Array.of(0, 0.9, 0, 0, 0.8, 0, 0, 0, 0.7),
    boxOffsets: new Float32Array(36),
    proposals: Float32Array.of(0, 0, 10, 10, 0, 0, 10, 8, 0, 0, 10, 10),
    imageSize: { width: 20, height: 20 },
  };
  const coder = new BoxCoder();

  test('lowers the score of what overlaps a better box of its class, and of no other', () => {
    const { scores, labels } = postprocessDetections(predictions, { coder, softNms: { method: 'linear' } });
    // IoU 0.8: .8 · (1 − .8); the third is of another class.
    expect([...labels]).toEqual([1, 2, 1]);
    [0.9, 0.7, 0.16].forEach((score, i) => expect(scores[i]).toBeCloseTo(score, 6));
  });

  test('what falls below the threshold is dropped, what is beyond the limit too', () => {
    const softNms = { method: 'gaussian', sigma: 0.5 } as const; // .8 · exp(−.64 / .5) = .222
    const found = (scoreThreshold: number, maxDetections = 100) =>
      postprocessDetections(predictions, { coder, softNms, scoreThreshold, maxDetections }).scores.length;
    expect(found(0.22)).toBe(3);
    expect(found(0.23)).toBe(2);
    expect(found(0.22, 1)).toBe(1);
  });
});
