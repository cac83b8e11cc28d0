import { boxVoting, softNms } from '@roikit/geometry';
import { expect, test } from 'vitest';
import { regionsOf } from '../src/worker/candidates';

test('a detection is told the region it comes from, also after soft-NMS and box voting', () => {
  const candidates = {
    boxes: Float32Array.of(0, 0, 10, 20, 1, 0, 11, 20, 40, 5, 60, 15, 0, 0, 10, 20),
    scores: Float32Array.of(0.9, 0.8, 0.7, 0.6),
    labels: Int32Array.of(1, 1, 1, 2),
    regions: Int32Array.of(7, 3, 5, 9),
  };
  const own = {
    ...candidates,
    boxes: candidates.boxes.subarray(0, 12),
    scores: candidates.scores.subarray(0, 3),
  };
  const { indices, scores } = softNms(own.boxes, own.scores, { method: 'linear', iouThreshold: 0.4 });
  expect(scores[2]).toBeLessThan(0.5); // lowered: no candidate has it
  const boxes = boxVoting({ ...own, labels: own.labels.subarray(0, 3) }, indices, { iouThreshold: 0.8 });
  expect(boxes[0]).toBeGreaterThan(0.4); // moved: no candidate has it
  expect([...regionsOf({ boxes: boxes.subarray(0, 8), labels: Int32Array.of(1, 1) }, candidates)]).toEqual([
    7, 5,
  ]);
  const second = { boxes: Float32Array.of(1, 1, 10, 20), labels: Int32Array.of(2) };
  expect([...regionsOf(second, candidates)]).toEqual([9]);
  expect([...regionsOf({ ...second, labels: Int32Array.of(3) }, candidates)]).toEqual([-1]);
});
