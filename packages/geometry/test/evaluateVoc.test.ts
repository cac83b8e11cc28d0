import { describe, expect, test } from 'vitest';
import {
  averagePrecision,
  evaluateVoc,
  mulberry32,
  precisionRecallCurve,
  type Detections,
  type GroundTruth,
  type VocOptions,
} from '../src';
import { box, naiveIou, randomBoxes } from './naive';

const truth = (boxes: number[][], labels: number[], difficult?: number[]): GroundTruth => ({
  boxes: Float32Array.from(boxes.flat()),
  labels: Int32Array.from(labels),
  ...(difficult && { difficult: Uint8Array.from(difficult) }),
});

const found = (boxes: number[][], labels: number[], scores: number[]): Detections => ({
  boxes: Float32Array.from(boxes.flat()),
  labels: Int32Array.from(labels),
  scores: Float32Array.from(scores),
});

describe('the published example (README of rafaelpadilla/Object-Detection-Metrics; IoU 0.3)', () => {
  // x y width height of its images 1…7
  const truths = [
    [[25, 16, 38, 56], [129, 123, 41, 62]],
    [[123, 11, 43, 55], [38, 132, 59, 45]],
    [[16, 14, 35, 48], [123, 30, 49, 44], [99, 139, 47, 47]],
    [[53, 42, 40, 52], [154, 43, 31, 34]],
    [[59, 31, 44, 51], [48, 128, 34, 52]],
    [[36, 89, 52, 76], [62, 58, 44, 67]],
    [[28, 31, 55, 63], [58, 67, 50, 58]],
  ]; // prettier-ignore
  // score, then the same
  const detections = [
    [[0.88, 5, 67, 31, 48], [0.7, 119, 111, 40, 67], [0.8, 124, 9, 49, 67]],
    [[0.71, 64, 111, 64, 58], [0.54, 26, 140, 60, 47], [0.74, 19, 18, 43, 35]],
    [[0.18, 109, 15, 77, 39], [0.67, 86, 63, 46, 45], [0.38, 160, 62, 36, 53], [0.91, 105, 131, 47, 47], [0.44, 18, 148, 40, 44]],
    [[0.35, 83, 28, 28, 26], [0.78, 28, 68, 42, 67], [0.45, 87, 89, 25, 39], [0.14, 10, 155, 60, 26]],
    [[0.62, 50, 38, 28, 46], [0.44, 95, 11, 53, 28], [0.95, 29, 131, 72, 29], [0.23, 29, 163, 72, 29]],
    [[0.45, 43, 48, 74, 38], [0.84, 17, 155, 29, 35], [0.43, 95, 110, 25, 42]],
    [[0.48, 16, 20, 101, 88], [0.95, 33, 116, 37, 49]],
  ]; // prettier-ignore
  // that tool's corners x + w, y + h belong to the box, so the continuous edge is one further
  const corners = ([x, y, w, h]: number[]): number[] => [x!, y!, x! + w! + 1, y! + h! + 1];
  const groundTruth = truths.map((boxes) =>
    truth(
      boxes.map(corners),
      boxes.map(() => 1),
    ),
  );
  const results = detections.map(
    (rows) =>
    found(rows.map((row) => corners(row.slice(1))), rows.map(() => 1), rows.map(([score]) => score!)), // prettier-ignore
  );

  test.each([
    ['11-point', 26.84],
    ['area', 24.56],
  ] as const)('%s: %d percent', (interpolation, percent) => {
    const { mAP, perClass } = evaluateVoc(groundTruth, results, { iouThreshold: 0.3, interpolation });
    expect(Math.abs(100 * mAP - percent)).toBeLessThan(0.01); // 24.569 is printed there as 24.56
    expect(perClass[0]).toMatchObject({
      numTruths: 15,
      numDetections: 24,
      truePositives: 7,
      falsePositives: 17,
    });
  });
});

/** VOCevaldet.m and xVOCap.m, written out for one class at a time. */
function naiveVoc(
  groundTruth: GroundTruth[],
  detections: Detections[],
  label: number,
  options: VocOptions,
): number {
  const rows = detections.flatMap(({ boxes, labels, scores }, image) =>
    Array.from(labels, (own, i) => ({ own, image, score: scores[i]!, box: box(boxes, i) })),
  );
  const taken = groundTruth.map(() => new Set<number>());
  let truePositives = 0;
  let falsePositives = 0;
  const npos = groundTruth.reduce(
    (sum, { labels, difficult }) => sum + labels.filter((own, i) => own === label && !difficult?.[i]).length,
    0,
  );
  const points: { recall: number; precision: number }[] = [];
  for (const row of rows.filter(({ own }) => own === label).sort((a, b) => b.score - a.score)) {
    const image = groundTruth[row.image]!;
    let best = -1;
    let bestIou = 0;
    image.labels.forEach((own, i) => {
      const iou = own === label ? naiveIou(row.box, box(image.boxes, i)) : 0;
      if (iou > bestIou) [best, bestIou] = [i, iou];
    });
    const matches =
      options.match === '>' ? bestIou > options.iouThreshold! : bestIou >= options.iouThreshold!;
    if (matches && best >= 0 && image.difficult?.[best]) continue;
    if (matches && best >= 0 && !taken[row.image]!.has(best)) {
      truePositives++;
      taken[row.image]!.add(best);
    } else falsePositives++;
    points.push({
      recall: truePositives / npos,
      precision: truePositives / (truePositives + falsePositives),
    });
  }
  const precisionFrom = (recall: number): number =>
    Math.max(0, ...points.filter((point) => point.recall >= recall).map((point) => point.precision));
  if (options.interpolation === '11-point') {
    return Array.from({ length: 11 }, (_, i) => precisionFrom(i / 10)).reduce((a, b) => a + b, 0) / 11;
  }
  // the envelope is constant between the recalls k / npos
  return (
    Array.from({ length: npos }, (_, k) => precisionFrom((k + 1) / npos)).reduce((a, b) => a + b, 0) / npos
  );
}

describe('evaluateVoc equals a literal twin', () => {
  const random = mulberry32(11);
  const count = (most: number): number => Math.floor(random() * (most + 1));
  const images = Array.from({ length: 25 }, () => {
    const truths = count(8);
    const extra = count(10);
    const boxes = randomBoxes(random, { count: truths, extent: 40, meanSide: 12 }).map(Math.ceil);
    const labels = Int32Array.from({ length: truths }, () => 1 + count(2));
    // detections: the truths moved a little, then strangers
    const moved = boxes.map((value) => value + count(3));
    const others = randomBoxes(random, { count: extra, extent: 40, meanSide: 12 }).map(Math.ceil);
    return {
      truth: { boxes, labels, difficult: Uint8Array.from(labels, () => Number(random() < 0.2)) },
      detections: {
        boxes: Float32Array.from([...moved, ...others]),
        labels: Int32Array.from([...labels, ...Array.from({ length: extra }, () => 1 + count(2))]),
        scores: Float32Array.from({ length: truths + extra }, () => count(12) / 12),
      },
    };
  });
  const groundTruth = images.map(({ truth }) => truth);
  const detections = images.map(({ detections }) => detections);

  for (const interpolation of ['11-point', 'area'] as const) {
    for (const match of ['>=', '>'] as const) {
      test.each([0.25, 1 / 3, 0.5, 0.75])(`${interpolation}, ${match} %d`, (iouThreshold) => {
        const options = { iouThreshold, interpolation, match, numClasses: 3 };
        const { mAP, perClass } = evaluateVoc(groundTruth, detections, options);
        const expected = [1, 2, 3].map((label) => naiveVoc(groundTruth, detections, label, options));
        perClass.forEach(({ ap }, k) => expect(ap).toBeCloseTo(expected[k]!, 12));
        expect(mAP).toBeCloseTo((expected[0]! + expected[1]! + expected[2]!) / 3, 12);
      });
    }
  }
});

describe('rules', () => {
  const one = [0, 0, 10, 10];

  test('an overlap equal to the threshold counts by default, not with ">"', () => {
    const groundTruth = [truth([[0, 0, 2, 1]], [1])];
    const detections = [found([[0, 0, 1, 1]], [1], [1])]; // IoU 1/2
    expect(evaluateVoc(groundTruth, detections).mAP).toBe(1);
    expect(evaluateVoc(groundTruth, detections, { match: '>' }).mAP).toBe(0);
  });

  test('a second detection of the same truth is false', () => {
    const { perClass } = evaluateVoc([truth([one], [1])], [found([one, one], [1, 1], [0.9, 0.8])]);
    expect(perClass[0]).toMatchObject({ ap: 1, truePositives: 1, falsePositives: 1 });
    expect(Array.from(perClass[0]!.curve.precision)).toEqual([1, 0.5]);
    expect(Array.from(perClass[0]!.curve.scores)).toEqual([Math.fround(0.9), Math.fround(0.8)]);
  });

  test('a difficult truth is not counted, nor is a detection on it', () => {
    const groundTruth = [truth([one, [20, 20, 30, 30]], [1, 1], [1, 0])];
    const detections = [found([one, one, [20, 20, 30, 30]], [1, 1, 1], [0.9, 0.8, 0.7])];
    const { perClass } = evaluateVoc(groundTruth, detections);
    expect(perClass[0]).toMatchObject({
      ap: 1,
      numTruths: 1,
      numDetections: 3,
      truePositives: 1,
      falsePositives: 0,
    });
  });

  test('a class without truths has no AP and is left out of the mean', () => {
    const result = evaluateVoc([truth([one], [1])], [found([one, one], [1, 2], [1, 1])], { numClasses: 3 });
    expect(result.mAP).toBe(1);
    expect(result.perClass.map(({ ap }) => ap)).toEqual([1, NaN, NaN]);
    expect(result.perClass[1]).toMatchObject({ numTruths: 0, falsePositives: 1 });
  });

  test('nothing detected is 0, nothing at all is NaN', () => {
    expect(evaluateVoc([truth([one], [1])], [found([], [], [])]).mAP).toBe(0);
    expect(evaluateVoc([], [])).toEqual({ mAP: NaN, perClass: [] });
  });

  test('boxes that do not touch never match, even at threshold 0', () => {
    const result = evaluateVoc([truth([one], [1])], [found([[50, 50, 60, 60]], [1], [1])], {
      iouThreshold: 0,
    });
    expect(result.mAP).toBe(0);
  });

  test('a recall that is a tenth to the digit reaches that tenth', () => {
    const curve = precisionRecallCurve(Float32Array.of(3, 2, 1), Uint8Array.of(1, 1, 1), 10);
    expect(averagePrecision(curve, '11-point')).toBeCloseTo(4 / 11, 12);
    expect(averagePrecision(curve, 'area')).toBeCloseTo(0.3, 12);
  });

  test.each([
    [() => evaluateVoc([truth([one], [1])], []), 'detections must have one entry per image (1), got 0'],
    [
      () => evaluateVoc([truth([one], [0])], [found([], [], [])]),
      'groundTruth[0]: labels must be classes 1…',
    ],
    [
      () => evaluateVoc([truth([], [])], [found([one], [4], [1])], { numClasses: 3 }),
      '1…3 (0 is background), got 4',
    ],
    [
      () => evaluateVoc([truth([one], [1])], [found([one], [1], [NaN])]),
      'detections[0]: scores must be numbers',
    ],
    [
      () => evaluateVoc([truth([one], [1, 1])], [found([], [], [])]),
      'labels must have one entry per box (1), got 2',
    ],
    [() => evaluateVoc([truth([[0, 0, NaN, 1]], [1])], [found([], [], [])]), 'must be finite'],
    [
      () => evaluateVoc([truth([one], [1], [0, 1])], [found([], [], [])]),
      'difficult must have one entry per box',
    ],
    [() => evaluateVoc([], [], { numClasses: 1.5 }), 'numClasses must be a whole number, got 1.5'],
    [() => evaluateVoc([], [], { iouThreshold: -1 }), 'iouThreshold must be in [0, 1], got -1'],
    [
      () => precisionRecallCurve(Float32Array.of(1), Uint8Array.of(1, 0), 1),
      'precisionRecallCurve: scores must have',
    ],
  ])('bad input %#', (call, message) => {
    expect(call).toThrow(message);
  });
});
