import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchedNms, nms } from '../src';
import { box, float32Iou, naiveNms } from './naive';
import { boxesOf, scoredBoxes } from './arbitraries';

const threshold = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(0, 0.25, 0.5, 0.75, 1),
);

describe('nms', () => {
  test('kept boxes do not overlap; each dropped one overlaps a kept one ranked before it', () => {
    fc.assert(
      fc.property(scoredBoxes, threshold, ({ boxes, scores }, iouThreshold) => {
        const kept = nms(boxes, scores, { iouThreshold });
        const rankedBefore = (i: number, j: number): boolean =>
          scores[i]! > scores[j]! || (scores[i] === scores[j] && i < j);
        const overlap = (i: number, j: number): boolean =>
          float32Iou(box(boxes, i), box(boxes, j)) > iouThreshold;
        kept.forEach((i, at) => {
          if (at > 0) expect(rankedBefore(kept[at - 1]!, i)).toBe(true);
          expect(kept.subarray(0, at).some((j) => overlap(i, j))).toBe(false);
        });
        scores.forEach((_, i) => {
          if (!kept.includes(i)) expect(kept.some((j) => rankedBefore(j, i) && overlap(i, j))).toBe(true);
        });
      }),
    );
  });

  test('equals the quadratic twin', () => {
    fc.assert(
      fc.property(scoredBoxes, threshold, ({ boxes, scores }, iouThreshold) => {
        expect(Array.from(nms(boxes, scores, { iouThreshold }))).toEqual(
          naiveNms(boxes, scores, iouThreshold),
        );
      }),
      { numRuns: 400 },
    );
  });

  test('is the same again on what it kept', () => {
    fc.assert(
      fc.property(scoredBoxes, threshold, ({ boxes, scores }, iouThreshold) => {
        const kept = nms(boxes, scores, { iouThreshold });
        const keptBoxes = Float32Array.from(Array.from(kept).flatMap((i) => Array.from(box(boxes, i))));
        const again = nms(
          keptBoxes,
          Float32Array.from(kept, (i) => scores[i]!),
          { iouThreshold },
        );
        expect(Array.from(again)).toEqual(Array.from(kept.keys()));
      }),
    );
  });

  test('does not depend on the order of the boxes where scores differ', () => {
    fc.assert(
      fc.property(boxesOf(60), threshold, fc.infiniteStream(fc.nat()), (boxes, iouThreshold, keys) => {
        const count = boxes.length / 4;
        const scores = Float32Array.from({ length: count }, (_, i) => i);
        const sortKeys = Array.from({ length: count }, () => keys.next().value);
        const order = Array.from(scores.keys()).sort((i, j) => sortKeys[i]! - sortKeys[j]!);
        const moved = nms(
          Float32Array.from(order.flatMap((i) => Array.from(box(boxes, i)))),
          Float32Array.from(order),
          { iouThreshold },
        );
        expect(Array.from(moved, (i) => order[i])).toEqual(Array.from(nms(boxes, scores, { iouThreshold })));
      }),
    );
  });

  test('batchedNms with one label is nms; each label comes out as if alone', () => {
    fc.assert(
      fc.property(scoredBoxes, threshold, ({ boxes, scores, labels }, iouThreshold) => {
        const single = batchedNms(boxes, scores, new Int32Array(scores.length), { iouThreshold });
        expect(single).toEqual(nms(boxes, scores, { iouThreshold }));
        const kept = batchedNms(boxes, scores, labels, { iouThreshold });
        for (const label of [1, 2, 3]) {
          const members = Array.from(labels.keys()).filter((i) => labels[i] === label);
          const alone = nms(
            Float32Array.from(members.flatMap((i) => Array.from(box(boxes, i)))),
            Float32Array.from(members, (i) => scores[i]!),
            { iouThreshold },
          );
          expect(Array.from(kept).filter((i) => labels[i] === label)).toEqual(
            Array.from(alone, (i) => members[i]),
          );
        }
      }),
    );
  });
});
