import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchedNms, boxVoting, mulberry32 } from '../src';
import { scoredBoxes } from './arbitraries';
import { box, naiveIou, randomBoxes } from './naive';

const random = mulberry32(31);
const boxes = randomBoxes(random, { count: 120, extent: 50, meanSide: 20 });
const scores = Float32Array.from({ length: 120 }, () => random());
const labels = Int32Array.from({ length: 120 }, () => 1 + Math.floor(random() * 2));
const candidates = { boxes, scores, labels };
const kept = batchedNms(boxes, scores, labels, { iouThreshold: 0.4 });

/** Gidaris & Komodakis 2015, equation of §4.3, with lists. */
function naiveVoting(threshold: number): number[] {
  return Array.from(kept, (own) => {
    const voters = Array.from(labels.keys()).filter(
      (i) => labels[i] === labels[own] && naiveIou(box(boxes, own), box(boxes, i)) >= threshold,
    );
    const votes = voters.reduce((sum, i) => sum + scores[i]!, 0);
    return [0, 1, 2, 3].map(
      (c) => voters.reduce((sum, i) => sum + scores[i]! * boxes[4 * i + c]!, 0) / votes,
    );
  }).flat();
}

describe('boxVoting', () => {
  test.each([0.3, 0.5, 0.8])('equals its twin at %f', (iouThreshold) => {
    const voted = boxVoting(candidates, kept, { iouThreshold });
    naiveVoting(iouThreshold).forEach((value, i) => expect(voted[i]).toBeCloseTo(value, 4));
    expect(voted).not.toEqual(boxVoting(candidates, kept, { iouThreshold: 1 }));
  });

  test('is, to the bit, the sums over all boxes one after the other', () => {
    const finite = scoredBoxes.map((some) => ({
      ...some,
      scores: some.scores.map((score) => (Math.abs(score) < 1e6 ? score : 1)),
    }));
    const threshold = fc.constantFrom(0, 1e-4, 0.25, 0.5, 0.75, 1);
    fc.assert(
      fc.property(finite, threshold, ({ boxes, scores, labels }, iouThreshold) => {
        const expected = new Float32Array(boxes);
        labels.forEach((label, own) => {
          const sums = [0, 0, 0, 0];
          let votes = 0;
          labels.forEach((other, i) => {
            if (other !== label || !(scores[i]! > 0)) return;
            if (naiveIou(box(boxes, own), box(boxes, i)) < iouThreshold) return;
            votes += scores[i]!;
            for (let c = 0; c < 4; c++) sums[c]! += scores[i]! * boxes[4 * i + c]!;
          });
          if (votes > 0) sums.forEach((sum, c) => (expected[4 * own + c] = sum / votes));
        });
        expect(boxVoting({ boxes, scores, labels }, [...labels.keys()], { iouThreshold })).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test("the paper's threshold is the default", () => {
    expect(boxVoting(candidates, kept)).toEqual(boxVoting(candidates, kept, { iouThreshold: 0.5 }));
  });

  test('a box alone stays where it is, to the bit; so does one whose scores have no vote', () => {
    const alone = {
      boxes: Float32Array.of(1.1, 2.2, 7.3, 9.4, 50, 60, 70, 95, 51, 60, 70, 95),
      scores: Float32Array.of(0.7, -0.2, -0.5),
      labels: Int32Array.of(1, 1, 1),
    };
    expect(boxVoting(alone, [0, 1])).toEqual(alone.boxes.subarray(0, 8));
  });

  test('what does not fit is refused', () => {
    expect(() => boxVoting({ ...candidates, scores: scores.subarray(1) }, kept)).toThrow(/boxVoting.*scores/);
    expect(() => boxVoting(candidates, kept, { iouThreshold: 2 })).toThrow(/boxVoting.*iouThreshold/);
  });
});
