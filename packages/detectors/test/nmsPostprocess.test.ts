import { BoxCoder } from '@roikit/geometry';
import { describe, expect, test } from 'vitest';
import type { PostprocessConfig } from '../src/config';
import { nmsPostprocess } from '../src/postprocess/nmsPostprocess';

// One class; regions that stay where they are. The second overlaps the first by 60/140 = .43, the third by 80/120 = .67.

const boxes = [
  [0, 0, 10, 10],
  [4, 0, 14, 10],
  [0, 2, 10, 12],
  [30, 5, 50, 9],
];
const scores = [0.9, 0.8, 0.7, 0.2];
const predictions = {
  scores: Float32Array.from(scores.flatMap((score) => [1 - score, score])),
  boxOffsets: new Float32Array(8 * boxes.length),
  proposals: Float32Array.from(boxes.flat()),
  imageSize: { width: 60, height: 20 },
};
const config: PostprocessConfig = { scoreThreshold: 0.1, nmsThreshold: 0.5, maxDetections: 9 };
const detect = (own: Partial<PostprocessConfig>, limits = {}) => {
  const found = nmsPostprocess({ ...config, ...own }, new BoxCoder()).apply(predictions, limits);
  return [...found.scores].map((score, i) => [
    Number(score.toFixed(3)),
    ...[...found.boxes.subarray(4 * i, 4 * i + 4)].map((value) => Number(value.toFixed(3))),
  ]);
};
const [first, second, third, last] = boxes.map((box, i) => [scores[i]!, ...box]) as number[][];

describe('limits', () => {
  test('are the detector’s own where the caller names none', () => {
    expect(detect({})).toEqual([first, second, last]);
    expect(detect({ scoreThreshold: 0.3 })).toEqual([first, second]);
    expect(detect({ maxDetections: 1 })).toEqual([first]);
    expect(detect({ nmsThreshold: 0.4 })).toEqual([first, last]);
  });

  test('are the caller’s, each alone', () => {
    expect(detect({}, { scoreThreshold: 0.3 })).toEqual([first, second]);
    expect(detect({ scoreThreshold: 0.3 }, { scoreThreshold: 0 })).toEqual([first, second, last]);
    expect(detect({}, { maxDetections: 2 })).toEqual([first, second]);
    expect(detect({ maxDetections: 1 }, { maxDetections: 2 })).toEqual([first, second]);
    expect(detect({}, { nmsThreshold: 0.4 })).toEqual([first, last]);
    expect(detect({}, { nmsThreshold: 1 })).toEqual([first, second, third, last]);
  });
});

describe('soft-NMS and voting', () => {
  test('lower and move what overlaps', () => {
    // Linear, above .5: the third box falls to .7 · (1 − .667).
    expect(detect({ softNms: { method: 'linear' } })).toEqual([
      first,
      second,
      [0.233, ...third!.slice(1)],
      last,
    ]);
    // Of overlap .6 and more: the first becomes the mean of itself and the third, weighted by their scores.
    const [moved] = detect({ boxVoting: { iouThreshold: 0.6 } });
    expect(moved).toEqual(
      [0.9, 0, (0.7 * 2) / 1.6, 10, 10 + (0.7 * 2) / 1.6].map((value) => Number(value.toFixed(3))),
    );
  });

  test('are off where they are null, and where the caller names a limit of overlap', () => {
    const both = { softNms: { method: 'linear' }, boxVoting: { iouThreshold: 0.6 } } as const;
    expect(detect({ softNms: null, boxVoting: null })).toEqual([first, second, last]);
    expect(detect(both, { nmsThreshold: 0.5 })).toEqual([first, second, last]);
    expect(detect(both, { maxDetections: 9 })).not.toEqual([first, second, last]);
  });
});
