import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boxIou, evaluateCoco, evaluateVoc, type Detections, type GroundTruth } from '../src';
import { box, differingAt } from './naive';
import { oneBox, toBoxes, scoredBoxes } from './arbitraries';

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
