import { describe, expect, test } from 'vitest';
import {
  averageBestOverlap,
  confusionMatrix,
  evaluateCoco,
  proposalRecall,
  type Detections,
  type GroundTruth,
} from '../src';

const truth = (boxes: number[], labels: number[], marks: Partial<GroundTruth> = {}): GroundTruth => ({
  boxes: Float32Array.from(boxes),
  labels: Int32Array.from(labels),
  ...marks,
});
const found = (boxes: number[], labels: number[], scores: number[]): Detections => ({
  boxes: Float32Array.from(boxes),
  labels: Int32Array.from(labels),
  scores: Float32Array.from(scores),
});

describe('averageBestOverlap and proposalRecall', () => {
  const groundTruth = [
    truth([0, 0, 10, 10, 20, 0, 30, 10], [1, 2]),
    truth([0, 0, 10, 10, 50, 50, 60, 60], [1, 1], { difficult: Uint8Array.of(0, 1) }),
  ];
  const proposals = [
    Float32Array.of(0, 0, 10, 5, 0, 0, 10, 8, 20, 0, 30, 10), // best overlaps .8 and 1
    Float32Array.of(5, 0, 10, 10), // .5
  ];

  test('means over truths, then over classes', () => {
    const { mean, perClass } = averageBestOverlap(groundTruth, proposals);
    expect(Array.from(perClass)).toEqual([0.65, 1]);
    expect(mean).toBeCloseTo(0.825, 12);
  });

  test('the first proposals only', () => {
    const { perClass } = averageBestOverlap(groundTruth, proposals, { maxProposals: 1 });
    expect(Array.from(perClass)).toEqual([0.5, 0]);
    expect(Array.from(proposalRecall(groundTruth, proposals, { maxProposals: 2 }))).toEqual([2 / 3]);
  });

  test('recall counts overlaps that reach the threshold', () => {
    const recall = proposalRecall(groundTruth, proposals, { iouThresholds: [0, 0.5, 0.51, 0.8, 1] });
    expect(Array.from(recall)).toEqual([1, 1, 2 / 3, 2 / 3, 1 / 3]);
  });

  test('crowds are left out', () => {
    const crowds = groundTruth.map((image) => ({ ...image, crowd: new Uint8Array(2).fill(1) }));
    expect(averageBestOverlap(crowds, proposals).mean).toBe(NaN);
  });

  test('without truths or proposals', () => {
    expect(averageBestOverlap([], [])).toEqual({ mean: NaN, perClass: new Float64Array(0) });
    expect(Array.from(proposalRecall([truth([], [])], [proposals[0]!]))).toEqual([NaN]);
    expect(Array.from(proposalRecall(groundTruth, [new Float32Array(0), new Float32Array(0)]))).toEqual([0]);
    const gap = averageBestOverlap([truth([0, 0, 10, 10], [3])], [proposals[0]!]);
    expect(Array.from(gap.perClass)).toEqual([NaN, NaN, 0.8]);
    expect(gap.mean).toBe(0.8);
  });

  test('bad input is named', () => {
    expect(() => proposalRecall(groundTruth, [])).toThrow(
      'proposals must have one entry per image (2), got 0',
    );
    expect(() => proposalRecall([], [], { iouThresholds: [2] })).toThrow(
      'iouThresholds must be in [0, 1], got 2',
    );
    expect(() => averageBestOverlap([], [], { maxProposals: -1 })).toThrow('maxProposals');
    const call = () => averageBestOverlap([truth([], [])], [Float32Array.of(0, 0, NaN, 1)]);
    expect(call).toThrow('proposals[0] must be finite, got NaN in box 0');
  });
});

describe('confusionMatrix', () => {
  const a = [0, 0, 10, 10];
  const nearA = [0, 0, 10, 9];
  const b = [20, 0, 30, 10];
  const far = [80, 80, 90, 90];

  test('rows are truths, columns detections, 0 is neither', () => {
    const groundTruth = [truth([...a, ...b, ...far], [1, 2, 2])];
    // a seen as 1, b seen as 1, far missed, one detection of nothing
    const detections = [found([...nearA, ...b, 40, 40, 50, 50], [1, 1, 2], [0.9, 0.9, 0.9])];
    const { matrix } = confusionMatrix(groundTruth, detections);
    expect(Array.from(matrix)).toEqual([0, 0, 1, /**/ 0, 1, 0, /**/ 1, 1, 0]);
  });

  test('the larger overlap wins, one to one', () => {
    const { matrix } = confusionMatrix([truth(a, [1])], [found([...nearA, ...a], [1, 2], [0.9, 0.3])]);
    expect(Array.from(matrix)).toEqual([0, 1, 0, /**/ 0, 0, 1, /**/ 0, 0, 0]);
  });

  test('low scores are left out; difficult truths and crowds do not count, nor detections on them', () => {
    const groundTruth = [
      truth([...a, ...b, ...far], [1, 1, 1], {
        difficult: Uint8Array.of(1, 0, 0),
        crowd: Uint8Array.of(0, 0, 1),
      }),
    ];
    const detections = [
      found([...a, ...nearA, ...b, ...far, ...far], [1, 1, 1, 1, 1], [0.9, 0.9, 0.2, 0.9, 0.9]),
    ];
    expect(Array.from(confusionMatrix(groundTruth, detections).matrix)).toEqual([0, 0, 1, 0]);
  });

  test('a counted truth comes before an ignored one that overlaps more', () => {
    const groundTruth = [truth([...a, ...nearA], [1, 1], { crowd: Uint8Array.of(1, 0) })];
    expect(Array.from(confusionMatrix(groundTruth, [found(a, [1], [0.9])]).matrix)).toEqual([0, 0, 0, 1]);
  });

  test('empty, and bad input', () => {
    expect(confusionMatrix([], [], { numClasses: 1 })).toEqual({ matrix: new Uint32Array(4), numClasses: 1 });
    expect(() => confusionMatrix([], [], { iouThreshold: 2 })).toThrow('confusionMatrix: iouThreshold');
  });
});

describe('evaluateCoco beyond the goldens', () => {
  const square = (side: number): number[] => [0, 0, side, side];

  test('per class, and −1 where there is nothing to measure', () => {
    const { stats, perClass } = evaluateCoco([truth(square(40), [1])], [found(square(40), [1], [1])], {
      numClasses: 2,
    });
    // numpy's spacing(1) in the divisor keeps a precision of 1/1 just below 1
    expect(perClass[0]!.AP).toBeCloseTo(1, 12);
    expect(perClass[1]).toEqual({ label: 2, AP: -1, AP50: -1, AP75: -1, AR: -1 });
    expect(stats.APm).toBeCloseTo(1, 12);
    expect([stats.APs, stats.APl, stats.ARs, stats.ARl]).toEqual([-1, -1, -1, -1]);
    expect(stats.AR1).toBe(1);
  });

  test('other thresholds and limits', () => {
    const detections = [found([...square(30), ...square(40)], [1, 1], [0.9, 0.8])];
    const options = { iouThresholds: Float64Array.of(0.75), maxDets: [1, 2, 3] as const };
    const { stats, counts } = evaluateCoco([truth(square(40), [1])], detections, options);
    expect(counts).toEqual([1, 101, 1, 4, 3]);
    expect([stats.AP50, stats.AR1, stats.AR10]).toEqual([-1, 0, 1]);
  });

  test('the area is the annotated one where given, the box otherwise', () => {
    const detections = [found(square(40), [1], [1])];
    expect(evaluateCoco([truth(square(40), [1])], detections).stats.ARm).toBe(1);
    const annotated = truth(square(40), [1], { area: Float32Array.of(900) });
    expect(evaluateCoco([annotated], detections).stats).toMatchObject({ ARs: 1, ARm: -1 });
  });

  test('a difficult truth is a truth like any other', () => {
    const difficult = truth(square(40), [1], { difficult: Uint8Array.of(1) });
    expect(evaluateCoco([difficult], [found([], [], [])]).stats.AR100).toBe(0);
  });

  test('nothing at all', () => {
    const { stats, precision, counts } = evaluateCoco([], []);
    expect(Object.values(stats)).toEqual(Array.from({ length: 12 }, () => -1));
    expect([precision.length, counts[2]]).toEqual([0, 0]);
  });

  test('bad input is named', () => {
    const call = (options: object) => () => evaluateCoco([], [], options);
    expect(call({ maxDets: [1, 1, 100] })).toThrow('maxDets must be 3 rising whole numbers, got [1, 1, 100]');
    expect(call({ iouThresholds: Float64Array.of(1.5) })).toThrow('iouThresholds must be in [0, 1], got 1.5');
    expect(() => evaluateCoco([truth(square(1), [1])], [found(square(1), [1], [NaN])])).toThrow(
      'evaluateCoco: detections[0]: scores must be numbers, got NaN at 0',
    );
    expect(() => evaluateCoco([truth(square(1), [-1])], [found([], [], [])])).toThrow('got -1 at 0');
  });
});
