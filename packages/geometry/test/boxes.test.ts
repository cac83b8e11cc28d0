import { describe, expect, test } from 'vitest';
import {
  alignedBoxIou,
  BalancedPositiveNegativeSampler,
  boxArea,
  BoxCoder,
  boxConvert,
  boxIou,
  clipBoxesToImage,
  completeBoxIou,
  distanceBoxIou,
  gatherBoxes,
  generalizedBoxIou,
  Matcher,
  mulberry32,
  removeSmallBoxes,
  resizeBoxes,
} from '../src';

const none = new Float32Array(0);
const odd = Float32Array.of(1, 2, 3);

describe('boxes', () => {
  test('negative sides have area 0, NaN stays NaN', () => {
    expect(boxArea(Float32Array.of(5, 5, 1, 1, 0, 0, NaN, 1, 0, 0, Infinity, 1))).toEqual(
      Float32Array.of(0, NaN, Infinity),
    );
  });

  test('clipping moves ±∞ to the border and leaves NaN and the input alone', () => {
    const boxes = Float32Array.of(-Infinity, -1, Infinity, 99, NaN, 0, 1, 1);
    expect(clipBoxesToImage(boxes, { width: 10, height: 20 })).toEqual(
      Float32Array.of(0, 0, 10, 20, NaN, 0, 1, 1),
    );
    expect(boxes[0]).toBe(-Infinity);
  });

  test('removeSmallBoxes keeps a side equal to minSize, not NaN', () => {
    const boxes = Float32Array.of(0, 0, 2, 2, 0, 0, 2, 1.9, 0, 0, NaN, 5, 5, 5, 1, 1);
    expect(Array.from(removeSmallBoxes(boxes, { minSize: 2 }))).toEqual([0]);
    const rounded = Float32Array.of(0, 0, 0.7, 0.7); // just below 0.7 in float32
    expect(Array.from(removeSmallBoxes(rounded, { minSize: 0.7 }))).toEqual([0]);
  });

  test('resizing scales each axis by its own ratio', () => {
    const boxes = Float32Array.of(10, 20, 30, 50, 0, 0, 100, 60);
    const resized = resizeBoxes(boxes, { from: { width: 100, height: 60 }, to: { width: 50, height: 180 } });
    expect(resized).toEqual(Float32Array.of(5, 60, 15, 150, 0, 0, 50, 180));
    expect(boxes[0]).toBe(10);
  });

  test('gathering takes boxes in the order asked for, again where asked again', () => {
    const boxes = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    expect(gatherBoxes(boxes, [2, 0, 2])).toEqual(Float32Array.of(9, 10, 11, 12, 1, 2, 3, 4, 9, 10, 11, 12));
    expect(gatherBoxes(boxes, new Int32Array(0))).toEqual(none);
  });

  test('empty input, empty output', () => {
    for (const result of [
      boxArea(none),
      clipBoxesToImage(none, { width: 1, height: 1 }),
      boxConvert(none, { from: 'xywh', to: 'xyxy' }),
      boxIou(none, none),
      boxIou(Float32Array.of(0, 0, 1, 1), none),
      alignedBoxIou(none, none),
      new BoxCoder().encode(none, none),
      new BoxCoder().decode(none, none),
    ]) {
      expect(result).toEqual(none);
    }
    expect(removeSmallBoxes(none, { minSize: 1 })).toEqual(new Int32Array(0));
  });

  test('bad input is named', () => {
    for (const index of [2, -1, NaN]) {
      expect(() => gatherBoxes(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), [1, index])).toThrow(
        `gatherBoxes: indices must be below the number of boxes (2), got ${index}`,
      );
    }
    const size = { width: 4, height: 3 };
    for (const from of [
      { width: 0, height: 3 },
      { width: 4, height: NaN },
    ]) {
      expect(() => resizeBoxes(none, { from, to: size })).toThrow(
        `resizeBoxes: from must have positive sides, got ${from.width} × ${from.height}`,
      );
    }
    expect(() => boxArea(odd)).toThrow('boxArea: boxes must hold 4 numbers a box (x1 y1 x2 y2), got 3');
    expect(() => clipBoxesToImage(none, { width: NaN, height: 1 })).toThrow('got NaN × 1');
    expect(() => boxConvert(none, { from: 'yxyx' as 'xyxy', to: 'xyxy' })).toThrow("got 'yxyx'");
    expect(() => boxIou(none, [] as unknown as Float32Array)).toThrow('boxIou: b must be a Float32Array');
  });
});

describe('IoU', () => {
  const unit = Float32Array.of(0, 0, 1, 1);

  test('the worked example', () => {
    const [iou] = boxIou(Float32Array.of(39, 63, 203, 112), Float32Array.of(54, 66, 198, 114));
    expect(iou).toBeCloseTo(0.795771, 6);
  });

  test('boxes without extent, touching or turned over have 0, not NaN', () => {
    const others = Float32Array.of(0, 0, 0, 0, 1, 0, 2, 1, 1, 1, 0, 0, 0.5, 0, 0.5, 1);
    expect(boxIou(unit, others)).toEqual(new Float32Array(4));
    expect(boxIou(others.subarray(0, 4), others.subarray(0, 4))).toEqual(new Float32Array(1));
    for (const measure of [generalizedBoxIou, distanceBoxIou, completeBoxIou]) {
      expect(measure(others, others).some(Number.isNaN)).toBe(false);
    }
  });

  test('coordinates that are not finite are refused', () => {
    for (const value of [NaN, Infinity, -Infinity]) {
      const call = () => boxIou(unit, Float32Array.of(0, 0, 1, 1, 0, value, 1, 1));
      expect(call).toThrow(`boxIou: b must be finite, got ${value} in box 1`);
    }
  });

  test('aligned needs equal numbers', () => {
    expect(() => alignedBoxIou(unit, none)).toThrow(
      'alignedBoxIou: b must have as many boxes as a (1), got 0',
    );
  });
});

describe('BoxCoder', () => {
  test('the offsets of R-CNN appendix C', () => {
    const coder = new BoxCoder();
    // proposal centre (5, 5), 10 × 10; reference centre (10, 3), 20 × 5
    const codes = coder.encode(Float32Array.of(0, 0.5, 20, 5.5), Float32Array.of(0, 0, 10, 10));
    expect(Array.from(codes)).toEqual([0.5, -0.2, Math.log(2), Math.log(0.5)].map(Math.fround));
  });

  test('sides that are not positive are refused', () => {
    const coder = new BoxCoder();
    const good = Float32Array.of(0, 0, 1, 1);
    expect(() => coder.encode(good, Float32Array.of(0, 0, 0, 5))).toThrow(
      'proposals must have positive sides, got 0 × 5',
    );
    expect(() => coder.encode(Float32Array.of(0, 0, NaN, 5), good)).toThrow('got NaN × 5');
  });

  test('the clip bounds growth and 0 codes give the box back', () => {
    const box = Float32Array.of(10, 10, 26, 26);
    expect(new BoxCoder().decode(new Float32Array(4), box)).toEqual(box);
    const [x1, , x2] = new BoxCoder().decode(Float32Array.of(0, 0, 100, 0), box);
    expect(x2! - x1!).toBeCloseTo(1000, 2);
  });

  test('bad input is named', () => {
    const boxes = new Float32Array(8);
    expect(() => new BoxCoder().decode(new Float32Array(12), boxes)).toThrow(
      '4 numbers a class for each of 2 boxes, got 12',
    );
    expect(() => new BoxCoder().encode(boxes, none)).toThrow('as many as referenceBoxes (2), got 0');
    expect(() => new BoxCoder({ weights: [1, 1, 0, 1] })).toThrow(
      'weights must be 4 positive numbers, got [1, 1, 0, 1]',
    );
    expect(() => new BoxCoder({ bboxXformClip: NaN })).toThrow('bboxXformClip');
  });
});

describe('Matcher', () => {
  test('no truth: every box is background', () => {
    const matcher = new Matcher({ highThreshold: 0.5, lowThreshold: 0.5, allowLowQualityMatches: true });
    expect(matcher.match(none, { numGroundTruth: 0, numPredictions: 3 })).toEqual(Int32Array.of(-1, -1, -1));
    expect(matcher.match(none, { numGroundTruth: 3, numPredictions: 0 })).toEqual(new Int32Array(0));
  });

  test('bad input is named', () => {
    expect(() => new Matcher({ highThreshold: 0.3, lowThreshold: 0.7 })).toThrow(
      'at most highThreshold (0.3), got 0.7',
    );
    expect(() => new Matcher({ highThreshold: 50, lowThreshold: 0 })).toThrow(
      'highThreshold must be in [0, 1], got 50',
    );
    const matcher = new Matcher({ highThreshold: 0.5, lowThreshold: 0.5 });
    const call = () => matcher.match(odd, { numGroundTruth: 2, numPredictions: 2 });
    expect(call).toThrow('matchQuality must be [2, 2], got 3 numbers');
  });
});

describe('BalancedPositiveNegativeSampler', () => {
  const labels = Int32Array.from({ length: 200 }, (_, i) => (i % 10 === 0 ? 3 : i % 10 === 1 ? -1 : 0)); // 20 / 20 / 160

  test.each([
    [64, 0.25, 16, 48],
    [64, 0.5, 20, 44], // not enough positives: negatives fill up
    [300, 0.25, 20, 160], // not enough of either
    [0, 0.25, 0, 0],
  ])('%d boxes, %d positive: %d and %d', (batchSizePerImage, positiveFraction, positives, negatives) => {
    const sampler = new BalancedPositiveNegativeSampler({ batchSizePerImage, positiveFraction });
    const { positive, negative } = sampler.sample(labels, mulberry32(1));
    expect([positive.length, negative.length]).toEqual([positives, negatives]);
    expect(positive.every((i) => labels[i]! >= 1) && negative.every((i) => labels[i] === 0)).toBe(true);
    expect(new Set([...positive, ...negative]).size).toBe(positives + negatives);
    expect(positive).toEqual(positive.toSorted());
  });

  test('every candidate is drawn equally often', () => {
    const sampler = new BalancedPositiveNegativeSampler({ batchSizePerImage: 4, positiveFraction: 1 });
    const random = mulberry32(9);
    const counts = new Int32Array(10);
    for (let i = 0; i < 20_000; i++)
      for (const j of sampler.sample(new Int32Array(10).fill(1), random).positive) counts[j]!++;
    // 8,000 each; standard deviation 69
    expect(Math.max(...counts.map((count) => Math.abs(count - 8000)))).toBeLessThan(350);
  });

  test('bad input is named', () => {
    const make = (batchSizePerImage: number, positiveFraction: number) => () =>
      new BalancedPositiveNegativeSampler({ batchSizePerImage, positiveFraction });
    expect(make(1.5, 0.25)).toThrow('batchSizePerImage must be a whole number, got 1.5');
    expect(make(64, 25)).toThrow('positiveFraction must be in [0, 1], got 25');
  });
});

describe('mulberry32', () => {
  test('the published sequence, and uniform', () => {
    const random = mulberry32(0);
    // first outputs of the reference C code for seed 0, over 2^32
    expect([random(), random(), random()].map((value) => value * 2 ** 32)).toEqual([
      1144304738, 1416247, 958946056,
    ]);
    const mean = Array.from({ length: 100_000 }, random).reduce((a, b) => a + b, 0) / 100_000;
    expect(mean).toBeCloseTo(0.5, 2);
  });

  test('a saved state continues the sequence', () => {
    const random = mulberry32(42);
    random();
    const { state } = random;
    const expected = [random(), random()];
    const resumed = mulberry32(0);
    resumed.state = JSON.parse(JSON.stringify(state)) as number;
    expect([resumed(), resumed()]).toEqual(expected);
    expect(() => mulberry32(0.5)).toThrow('seed must be an integer, got 0.5');
  });
});
