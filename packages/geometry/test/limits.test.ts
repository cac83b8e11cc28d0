import { describe, expect, test } from 'vitest';
import {
  alignedBoxIou,
  alignedCompleteBoxIou,
  alignedDistanceBoxIou,
  alignedGeneralizedBoxIou,
  averagePrecision,
  BalancedPositiveNegativeSampler,
  boxArea,
  BoxCoder,
  boxConvert,
  boxIou,
  clipBoxesToImage,
  completeBoxIou,
  confusionMatrix,
  distanceBoxIou,
  evaluateCoco,
  evaluateVoc,
  generalizedBoxIou,
  Matcher,
  mulberry32,
  precisionRecallCurve,
  proposalRecall,
  removeSmallBoxes,
  softNms,
  type GroundTruth,
} from '../src';

// What each default is, and on which side of each limit the limit itself lies. No box is square, no two axes alike.

const boxes = (...rows: number[][]): Float32Array => Float32Array.from(rows.flat());
const truth = (rows: number[][], labels = rows.map(() => 1)): GroundTruth => ({
  boxes: boxes(...rows),
  labels: Int32Array.from(labels),
});
const found = (rows: number[][], scores: number[], labels = rows.map(() => 1)) => ({
  ...truth(rows, labels),
  scores: Float32Array.from(scores),
});

/** A 100 × 20 box, and one over its first `percent` of width: IoU percent / 100. */
const whole = [0, 0, 100, 20];
const part = (percent: number): number[] => [0, 0, percent, 20];

describe('softNms', () => {
  const lowered = (percent: number, options: object = {}) =>
    softNms(boxes(whole, part(percent)), Float32Array.of(1, 0.5), { method: 'linear', ...options }).scores[1];

  test('an IoU of .3 leaves the score by default, one above lowers it', () => {
    expect(lowered(30)).toBe(0.5);
    expect(lowered(31)).toBeCloseTo(0.5 * 0.69, 6);
  });

  test('σ is .5 by default', () => {
    expect(lowered(40, { method: 'gaussian' })).toBeCloseTo(0.5 * Math.exp(-0.16 / 0.5), 6);
  });

  test('scores below .001 are dropped by default, at once and once they fall; .001 itself stays', () => {
    const two = boxes(whole, [0, 50, 10, 90]);
    const count = (score: number) =>
      softNms(two, Float32Array.of(1, score), { method: 'linear' }).indices.length;
    expect([count(0.0009), count(0.001)]).toEqual([1, 2]);
    const falling = (scoreThreshold: number) =>
      softNms(boxes(whole, part(50)), Float32Array.of(1, 0.5), { method: 'linear', scoreThreshold }).indices;
    expect([falling(0.25).length, falling(0.26).length]).toEqual([2, 1]);
  });

  test('equal scores go by the lower index, also where they fell to be equal', () => {
    const rows = boxes([0, 50, 10, 90], whole, [0, 200, 10, 290], part(50));
    const { indices } = softNms(rows, Float32Array.of(0.25, 1, 0.25, 0.5), { method: 'linear' });
    expect(Array.from(indices)).toEqual([1, 0, 2, 3]);
  });

  test('a score of 0, a threshold of 0 and a small σ are allowed, what lies below is not', () => {
    expect(softNms(boxes(whole), Float32Array.of(0), { method: 'linear', scoreThreshold: 0 }).scores).toEqual(
      Float32Array.of(0),
    );
    const call = (options: object) => () => lowered(50, options);
    expect(call({ sigma: 1e-9, method: 'gaussian' })).not.toThrow();
    expect(call({ sigma: -1 })).toThrow('sigma must be positive, got -1');
    expect(call({ scoreThreshold: -1e-9 })).toThrow('scoreThreshold must be ≥ 0');
    expect(call({ iouThreshold: -0.1 })).toThrow('iouThreshold must be in [0, 1]');
  });
});

describe('BoxCoder', () => {
  const from = boxes([10, 20, 30, 60], [0, 0, 8, 2]); // 20 × 40, 8 × 2

  test('defaults: plain offsets, growth up to 1000 / 16', () => {
    const coder = new BoxCoder();
    expect(coder.weights).toEqual([1, 1, 1, 1]);
    expect(coder.bboxXformClip).toBe(Math.log(1000 / 16));
  });

  test('each weight has its own offset, each class its own codes, each axis the same upper clip and no lower one', () => {
    const coder = new BoxCoder({ weights: [2, 4, 5, 8], bboxXformClip: Math.log(3) });
    const codes = boxes(
      [2, -4, 0, 0], // a width to the right, a height up
      [0, 0, 5 * Math.log(2), 8 * Math.log(0.1)],
      [0, 0, 50, 80], // both to the clip
      [1, 2, 0, -80],
    );
    const decoded = coder.decode(codes, from);
    const expected = [
      [30, -20, 50, 20],
      [0, 38, 40, 42],
      [-8, -2, 16, 4],
      [4, 2, 12, 2],
    ].flat();
    expect(decoded.length).toBe(16);
    decoded.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 3));
    const two = decoded.slice(0, 8);
    const back = coder.encode(two, boxes([10, 20, 30, 60], [10, 20, 30, 60]));
    back.forEach((value, i) => expect(value).toBeCloseTo(codes[i]!, 4));
  });

  test.each([[[1, 1, 1]], [[1, 1, 1, 1, 1]], [[1, Infinity, 1, 1]], [[-1, 1, 1, 1]], [[1, 1, 1, NaN]]])(
    'weights %j are refused',
    (weights) => {
      const call = () => new BoxCoder({ weights: weights as unknown as [1, 1, 1, 1] });
      expect(call).toThrow('weights must be 4 positive numbers');
    },
  );

  test('codes need boxes, sides both ways', () => {
    const coder = new BoxCoder();
    expect(() => coder.decode(new Float32Array(4), new Float32Array(0))).toThrow('each of 0 boxes, got 4');
    expect(() => coder.decode(new Float32Array(6), from)).toThrow('got 6');
    expect(() => coder.encode(from, boxes([0, 0, 5, 1], [0, 3, 5, 3]))).toThrow(
      'proposals must have positive sides, got 5 × 0 for box 1',
    );
    expect(() => coder.encode(boxes([3, 0, 3, 1]), boxes([0, 0, 5, 1]))).toThrow(
      'referenceBoxes must have positive sides, got 0 × 1 for box 0',
    );
  });
});

describe('Matcher', () => {
  const matches = (quality: number[], options: object, numGroundTruth = 1) =>
    Array.from(
      new Matcher({ highThreshold: 0.7, lowThreshold: 0.3, ...options }).match(Float32Array.from(quality), {
        numGroundTruth,
        numPredictions: quality.length / numGroundTruth,
      }),
    );

  test('both thresholds belong to the range above them, as float32', () => {
    expect(matches([0.29, 0.3, 0.5, 0.69, 0.7, 1, 0], {})).toEqual([-1, -2, -2, -2, 0, 0, -1]);
    expect([Matcher.BELOW_LOW_THRESHOLD, Matcher.BETWEEN_THRESHOLDS]).toEqual([-1, -2]);
    expect(matches([0.5, 0.49], { highThreshold: 0.5, lowThreshold: 0.5 })).toEqual([0, -1]);
  });

  test('low quality is left alone by default; asked for, every best box of a truth is matched with its own best', () => {
    const quality = [0.1, 0.4, 0.4, 0.2, /**/ 0.6, 0.5, 0.35, 0.2];
    expect(matches(quality, {}, 2)).toEqual([-2, -2, -2, -1]);
    expect(matches(quality, { allowLowQualityMatches: true }, 2)).toEqual([1, 1, 0, -1]);
  });

  test('of equal truths the first', () => {
    expect(matches([0.8, 0.9, /**/ 0.8, 0.95, /**/ 0.8, 0.95], {}, 3)).toEqual([0, 1]);
  });
});

describe('BalancedPositiveNegativeSampler', () => {
  const labels = Int32Array.of(2, 0, 1, -1, 0, 1, -2, 0, 1, 0);
  const draw = (batchSizePerImage: number, positiveFraction: number, random = () => 0) => {
    const sampler = new BalancedPositiveNegativeSampler({ batchSizePerImage, positiveFraction });
    const { positive, negative } = sampler.sample(labels, random);
    return [Array.from(positive), Array.from(negative)];
  };

  test('the share of positives is rounded down', () => {
    expect(draw(7, 0.5).map(({ length }) => length)).toEqual([3, 4]);
    expect(draw(3, 0.3).map(({ length }) => length)).toEqual([0, 3]);
    expect(draw(3, 0)).toEqual([[], [1, 4, 7]]);
    expect(draw(3, 1)).toEqual([[0, 2, 5], []]);
  });

  test('a random number just below 1 draws the last ones', () => {
    // each draw swaps the last one to the front
    expect(draw(4, 0.5, () => 1 - 2 ** -32)).toEqual([[0, 8], [1, 9]]); // prettier-ignore
  });

  test('a negative number of boxes is refused', () => {
    expect(() => draw(-1, 0.5)).toThrow('batchSizePerImage must be a whole number, got -1');
    expect(() => draw(1, -0.1)).toThrow('positiveFraction must be in [0, 1], got -0.1');
  });
});

describe('boxes', () => {
  test('one negative side is enough for an area of 0, and two make none', () => {
    expect(boxArea(boxes([0, 0, 3, 7], [3, 0, 0, 7], [0, 7, 3, 0], [3, 7, 0, 0]))).toEqual(
      Float32Array.of(21, 0, 0, 0),
    );
  });

  test('each side has to be large enough', () => {
    const rows = boxes([0, 0, 9, 1.9], [0, 0, 1.9, 9], [5, 5, 7, 7.5], [5, 5, 7.5, 7]);
    expect(Array.from(removeSmallBoxes(rows, { minSize: 2 }))).toEqual([2, 3]);
  });

  test('an image without pixels clips everything to its corner, one of negative size is refused', () => {
    expect(clipBoxesToImage(boxes([-1, 2, 5, 9]), { width: 0, height: 0 })).toEqual(new Float32Array(4));
    for (const size of [
      { width: -1, height: 2 },
      { width: 2, height: -1 },
    ]) {
      expect(() => clipBoxesToImage(boxes(whole), size)).toThrow(
        `clipBoxesToImage: width and height must be ≥ 0, got ${size.width} × ${size.height}`,
      );
    }
  });

  test('every pair of formats, and the same one gives a copy', () => {
    const rows = { xyxy: [10, 20, 14, 26], xywh: [10, 20, 4, 6], cxcywh: [12, 23, 4, 6] };
    const formats = ['xyxy', 'xywh', 'cxcywh'] as const;
    for (const from of formats) {
      for (const to of formats) {
        const input = boxes(rows[from], rows[from]);
        const output = boxConvert(input, { from, to });
        expect(output).toEqual(boxes(rows[to], rows[to]));
        output[0] = 99;
        expect(input[0]).toBe(rows[from][0]);
      }
    }
    for (const wrong of [
      { from: 'xyxy', to: 'yxyx' },
      { from: 'yxyx', to: 'yxyx' },
    ]) {
      expect(() => boxConvert(boxes(whole), wrong as { from: 'xyxy'; to: 'xyxy' })).toThrow("got 'yxyx'");
    }
  });

  test('each measure of pairs names itself', () => {
    const pairwise = { boxIou, generalizedBoxIou, distanceBoxIou, completeBoxIou };
    const aligned = { alignedBoxIou, alignedGeneralizedBoxIou, alignedDistanceBoxIou, alignedCompleteBoxIou };
    for (const [name, measure] of Object.entries({ ...pairwise, ...aligned })) {
      expect(() => measure(boxes([0, 0, NaN, 1]), boxes(whole))).toThrow(`${name}: a must be finite`);
      expect(() => measure(boxes(whole), boxes([0, 0, NaN, 1]))).toThrow(`${name}: b must be finite`);
    }
  });
});

describe('mulberry32', () => {
  test('only the lower 32 bits of a seed and a state matter', () => {
    expect(mulberry32(2 ** 32 + 5)()).toBe(mulberry32(5)());
    expect(mulberry32(-1)()).toBe(mulberry32(2 ** 32 - 1)());
    expect(mulberry32(-1).state).toBe(2 ** 32 - 1);
    expect(Object.keys(mulberry32(1))).toEqual(['state']);
    for (const seed of [NaN, 2 ** 60]) expect(() => mulberry32(seed)).toThrow(`got ${seed}`);
  });
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
