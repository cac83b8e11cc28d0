import { describe, expect, test } from 'vitest';
import {
  alignedBoxIou,
  alignedCompleteBoxIou,
  alignedDistanceBoxIou,
  alignedGeneralizedBoxIou,
  boxArea,
  BoxCoder,
  boxConvert,
  boxIou,
  clipBoxesToImage,
  completeBoxIou,
  distanceBoxIou,
  generalizedBoxIou,
  removeSmallBoxes,
  softNms,
} from '../src';
import { boxes, whole, part } from './limitRows';

// What each default is, and on which side of each limit the limit itself lies. No box is square, no two axes alike.

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
