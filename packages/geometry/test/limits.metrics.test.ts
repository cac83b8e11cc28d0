import { describe, expect, test } from 'vitest';
import {
  averagePrecision,
  confusionMatrix,
  evaluateCoco,
  evaluateVoc,
  precisionRecallCurve,
  proposalRecall,
  type GroundTruth,
} from '../src';
import { boxes, whole, part } from './limitRows';

// What each default is, and on which side of each limit the limit itself lies. No box is square, no two axes alike.

const truth = (rows: number[][], labels = rows.map(() => 1)): GroundTruth => ({
  boxes: boxes(...rows),
  labels: Int32Array.from(labels),
});
const found = (rows: number[][], scores: number[], labels = rows.map(() => 1)) => ({
  ...truth(rows, labels),
  scores: Float32Array.from(scores),
});

describe('metrics', () => {
  const half = part(50);

  test('evaluateVoc: an IoU of .5 is found, the area is what counts, classes go up to the largest label', () => {
    const groundTruth = [truth([whole, [0, 50, 100, 70]], [1, 2])];
    const detections = [found([half, part(49), [0, 50, 100, 70]], [0.5, 0.9, 0.7], [1, 1, 3])];
    const { perClass } = evaluateVoc(groundTruth, detections);
    expect(perClass.map(({ label, ap }) => [label, ap])).toEqual([[1, 0.5], [2, 0], [3, NaN]]); // prettier-ignore
    const curve = precisionRecallCurve(Float32Array.of(0.9, 0.4, 0.3, 0.8), Uint8Array.of(1, 0, 0, 1), 4);
    expect(averagePrecision(curve, 'area')).toBe(0.5);
    expect(averagePrecision(curve, '11-point')).toBeCloseTo(6 / 11, 12);
    expect(evaluateVoc(groundTruth, detections, { numClasses: 5 }).perClass.length).toBe(5);
  });

  test('confusionMatrix: an IoU of .5 and a score of .25 count', () => {
    const count = (percent: number, score: number) =>
      Array.from(confusionMatrix([truth([whole])], [found([part(percent)], [score])]).matrix);
    expect(count(50, 0.25)).toEqual([0, 0, 0, 1]);
    expect(count(49, 0.25)).toEqual([0, 1, 1, 0]);
    expect(count(50, 0.24)).toEqual([0, 0, 1, 0]);
  });

  test('confusionMatrix: boxes that do not touch are no pair, even at threshold 0', () => {
    const apart = [found([[200, 0, 210, 5]], [1])];
    const options = { iouThreshold: 0 };
    expect(Array.from(confusionMatrix([truth([whole])], apart, options).matrix)).toEqual([0, 1, 1, 0]);
  });

  test('proposalRecall: all proposals, an IoU of .5', () => {
    const recall = (percent: number) =>
      Array.from(proposalRecall([truth([whole])], [boxes(part(9), part(percent))]));
    expect([recall(50), recall(49)]).toEqual([[1], [0]]);
  });

  test('evaluateCoco: ten thresholds from .5 to .95, and 1, 10 and 100 detections', () => {
    const recalls = (percent: number) =>
      evaluateCoco([truth([whole])], [found([part(percent)], [1])]).stats.AR100;
    expect(recalls(50)).toBeCloseTo(0.1, 12);
    expect(recalls(49)).toBe(0);
    expect(recalls(95)).toBeCloseTo(1, 12);
    expect(recalls(94)).toBeCloseTo(0.9, 12);
    const rows = Array.from({ length: 102 }, (_, i) =>
      i === 0 || i === 9 || i === 99 ? whole : [0, 50, 9, 90],
    );
    const at = (place: number) =>
      evaluateCoco(
        [truth([whole])],
        [
          found(rows.map((_, i) => (i === place ? whole : [0, 50, 9, 90])), rows.map((_, i) => 1 - i / 200)), // prettier-ignore
        ],
      ).stats;
    expect([at(0).AR1, at(1).AR1, at(9).AR10, at(10).AR10, at(99).AR100, at(100).AR100]).toEqual([
      1, 0, 1, 0, 1, 0,
    ]);
  });

  test('evaluateCoco: the largest area is 1e5²', () => {
    const stats = (side: number) =>
      evaluateCoco([{ ...truth([whole]), area: Float64Array.of(side ** 2) }], [found([whole], [1])]).stats;
    expect(stats(1e5)).toMatchObject({ AR100: 1, ARl: 1 });
    expect(stats(1e5 + 1)).toMatchObject({ AR100: -1, ARl: -1 });
  });

  test('evaluateCoco: maxDets are three, whole and rising', () => {
    for (const maxDets of [
      [1, 10],
      [0, 10, 100],
      [1.5, 10, 100],
      [10, 1, 100],
      [1, 2, 3, 4],
    ]) {
      const call = () => evaluateCoco([], [], { maxDets: maxDets as unknown as [1, 10, 100] });
      expect(call).toThrow('maxDets must be 3 rising whole numbers');
    }
  });

  test.each([
    [
      () =>
        evaluateVoc([{ ...truth([whole]), labels: Int32Array.of(3) }], [found([], [])], { numClasses: 2 }),
      'got 3',
    ],
    [
      () => evaluateVoc([truth([whole])], [found([], [])], { numClasses: -1 }),
      'numClasses must be a whole number',
    ],
    [
      () => evaluateVoc([{ ...truth([whole]), crowd: new Uint8Array(2) }], [found([], [])]),
      'crowd must have',
    ],
    [
      () => evaluateVoc([{ ...truth([whole]), area: new Float32Array(2) }], [found([], [])]),
      'area must have',
    ],
    [
      () => evaluateVoc([truth([])], [{ ...found([whole], [1]), labels: new Int32Array(2) }]),
      'labels must have one entry per box (1), got 2',
    ],
  ])('bad input %#', (call, message) => {
    expect(call).toThrow(message);
  });
});
