import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  batchedNms,
  BoxCoder,
  boxConvert,
  boxIou,
  evaluateCoco,
  evaluateVoc,
  generalizedBoxIou,
  nms,
  type Detections,
  type GroundTruth,
} from '../src';
import { box, float32Iou, naiveNms, differingAt } from './naive';

const coordinate = fc.float({ min: -1000, max: 1000, noNaN: true });
const side = fc.float({ min: 0, max: 500, noNaN: true });
/** Some on a coarse raster, so that equal boxes, touching edges and exact overlaps occur. */
const oneBox = fc.oneof(
  fc.tuple(coordinate, coordinate, side, side),
  fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 6 }))),
);
const toBoxes = (rows: number[][]): Float32Array =>
  Float32Array.from(rows.flatMap(([x, y, w, h]) => [x!, y!, Math.fround(x!) + w!, Math.fround(y!) + h!]));
const boxesOf = (maxLength: number) => fc.array(oneBox, { maxLength }).map(toBoxes);
const score = fc.oneof(fc.float({ noNaN: true }), fc.integer({ min: 0, max: 4 }));
const scoredBoxes = fc
  .array(fc.tuple(oneBox, score, fc.integer({ min: 1, max: 3 })), { maxLength: 80 })
  .map((rows) => ({
    boxes: toBoxes(rows.map(([row]) => row)),
    scores: Float32Array.from(rows, ([, value]) => value),
    labels: Int32Array.from(rows, ([, , label]) => label),
  }));
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

describe('boxes', () => {
  test('IoU is symmetric, in [0, 1], 1 with itself; generalized IoU in [−1, IoU]', () => {
    fc.assert(
      fc.property(boxesOf(12), boxesOf(12), (a, b) => {
        const [rows, columns] = [a.length / 4, b.length / 4];
        const iou = boxIou(a, b);
        const turned = boxIou(b, a);
        const generalized = generalizedBoxIou(a, b);
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < columns; j++) {
            const value = iou[i * columns + j]!;
            expect(value).toBe(turned[j * rows + i]);
            expect(value >= 0 && value <= 1).toBe(true);
            const other = generalized[i * columns + j]!;
            expect(other >= -1 && other <= value).toBe(true);
          }
          const [x1, y1, x2, y2] = box(a, i);
          const hasExtent = x2! > x1! && y2! > y1!;
          expect(boxIou(box(a, i), box(a, i))[0]).toBe(hasExtent ? 1 : 0);
        }
      }),
    );
  });

  test('formats convert there and back', () => {
    const format = fc.constantFrom('xyxy' as const, 'xywh' as const, 'cxcywh' as const);
    fc.assert(
      fc.property(boxesOf(20), format, format, (boxes, from, to) => {
        const back = boxConvert(boxConvert(boxes, { from, to }), { from: to, to: from });
        back.forEach((value, i) => expect(Math.abs(value - boxes[i]!)).toBeLessThan(1e-3));
      }),
    );
  });

  test('BoxCoder decodes what it encoded', () => {
    const sized = fc
      .tuple(
        coordinate,
        coordinate,
        fc.float({ min: 4, max: 200, noNaN: true }),
        fc.float({ min: 4, max: 200, noNaN: true }),
      )
      .map((row) => toBoxes([row]));
    const weight = fc.double({ min: 0.1, max: 20, noNaN: true });
    fc.assert(
      fc.property(sized, sized, fc.tuple(weight, weight, weight, weight), (reference, proposal, weights) => {
        const coder = new BoxCoder({ weights });
        const decoded = coder.decode(coder.encode(reference, proposal), proposal);
        decoded.forEach((value, i) => expect(Math.abs(value - reference[i]!)).toBeLessThan(0.01));
      }),
    );
  });
});

describe('metrics', () => {
  const truths = fc.array(fc.tuple(oneBox, fc.integer({ min: 1, max: 3 }), fc.boolean(), fc.boolean()), {
    maxLength: 6,
  });
  const image = fc.tuple(truths, scoredBoxes).map(([rows, detections]) => ({
    truth: {
      boxes: toBoxes(rows.map(([row]) => row)),
      labels: Int32Array.from(rows, ([, label]) => label),
      difficult: Uint8Array.from(rows, ([, , difficult]) => Number(difficult)),
      crowd: Uint8Array.from(rows, ([, , , crowd]) => Number(crowd)),
    } satisfies GroundTruth,
    // detections on some truths, so that matches occur
    detections: {
      boxes: Float32Array.from([...toBoxes(rows.map(([row]) => row)), ...detections.boxes]),
      labels: Int32Array.from([...rows.map(([, label]) => label), ...detections.labels]),
      scores: Float32Array.from([...rows.map((_, i) => i / 8), ...detections.scores]),
    } satisfies Detections,
  }));
  const images = fc.array(image, { maxLength: 5 });
  const evaluateBoth = (set: { truth: GroundTruth; detections: Detections }[]) => {
    const groundTruth = set.map(({ truth }) => truth);
    const detections = set.map(({ detections }) => detections);
    return {
      voc: evaluateVoc(groundTruth, detections, { numClasses: 3 }),
      coco: evaluateCoco(groundTruth, detections, { numClasses: 3 }),
    };
  };

  test('AP is in [0, 1], or marked as not defined', () => {
    fc.assert(
      fc.property(images, (set) => {
        const { voc, coco } = evaluateBoth(set);
        for (const { ap, numTruths, curve } of voc.perClass) {
          expect(numTruths > 0 ? ap >= 0 && ap <= 1 + 1e-12 : Number.isNaN(ap)).toBe(true);
          expect(
            curve.recall.every((value, i) => i === 0 || numTruths === 0 || value >= curve.recall[i - 1]!),
          ).toBe(true);
        }
        for (const value of [...Object.values(coco.stats), ...coco.recall]) {
          expect(value === -1 || (value >= 0 && value <= 1)).toBe(true);
        }
        expect(coco.precision.every((value) => value === -1 || (value >= 0 && value <= 1))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test("neither the order of images nor that of an image's objects matters where scores differ", () => {
    fc.assert(
      fc.property(images, (set) => {
        let next = 0;
        const distinct = set.map(({ truth, detections }) => ({
          truth,
          detections: { ...detections, scores: detections.scores.map(() => ((next++ * 37) % 1009) / 1009) },
        }));
        const turned = distinct.toReversed().map(({ truth, detections }) => ({
          truth,
          detections: {
            boxes: Float32Array.from(
              Array.from(detections.labels.keys())
                .reverse()
                .flatMap((i) => Array.from(box(detections.boxes, i))),
            ),
            scores: detections.scores.toReversed(),
            labels: detections.labels.toReversed(),
          },
        }));
        const [a, b] = [evaluateBoth(distinct), evaluateBoth(turned)];
        expect(differingAt(b.coco.precision, a.coco.precision)).toBe(-1);
        expect(differingAt(b.coco.recall, a.coco.recall)).toBe(-1);
        expect(b.voc.perClass.map(({ ap }) => ap)).toEqual(a.voc.perClass.map(({ ap }) => ap));
      }),
      { numRuns: 40 },
    );
  });

  test('perfect detections score 1', () => {
    fc.assert(
      fc.property(images, (set) => {
        const perfect = set.map(({ truth }) => {
          const sized = Array.from(truth.labels.keys()).filter(
            (i) => boxIou(box(truth.boxes, i), box(truth.boxes, i))[0],
          );
          const boxes = Float32Array.from(sized.flatMap((i) => Array.from(box(truth.boxes, i))));
          const labels = Int32Array.from(sized, (i) => truth.labels[i]!);
          return {
            truth: { boxes, labels },
            detections: { boxes, labels, scores: new Float32Array(labels.length) },
          };
        });
        const { coco } = evaluateBoth(perfect);
        if (coco.stats.AP !== -1) expect(coco.stats.AP).toBeCloseTo(1, 12);
      }),
      { numRuns: 40 },
    );
  });
});
