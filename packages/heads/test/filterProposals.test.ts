import { BoxCoder, boxIou, mulberry32 } from '@roikit/geometry';
import { describe, expect, test } from 'vitest';
import { filterProposals, type FilterProposalsOptions, type RpnPredictions } from '../src';
import { topK } from '../src/topK';
import { expectClose, golden } from './golden';

const { proposals: expected } = golden;
const predictions: RpnPredictions = {
  objectness: Float32Array.from(expected.objectness),
  offsets: Float32Array.from(expected.offsets),
  anchors: Float32Array.from(expected.anchors),
  anchorsPerLevel: expected.anchorsPerLevel,
  imageSize: expected.imageSize,
};

describe('topK', () => {
  test.each([0, 1, 5, 99, 100, 500])('the %i largest, as sorting has them, equal ones by index', (k) => {
    const random = mulberry32(k);
    const values = Float32Array.from({ length: 120 }, () => Math.floor(random() * 30));
    const sorted = [...values.keys()].slice(10, 110).toSorted((a, b) => values[b]! - values[a]! || a - b);
    expect(Array.from(topK(values, { start: 10, end: 110, k }))).toEqual(sorted.slice(0, k));
  });
});

/** Every step over all anchors, one level and one box at a time. */
function naive(given: RpnPredictions, options: Required<Omit<FilterProposalsOptions, 'coder'>>) {
  const { preNms, postNms, nmsThreshold, scoreThreshold, minSize } = options;
  const { width, height } = given.imageSize;
  const decoded = new BoxCoder().decode(given.offsets, given.anchors);
  const kept: { box: number[]; score: number }[] = [];
  let start = 0;
  for (const count of given.anchorsPerLevel) {
    const level = Array.from({ length: count }, (_, i) => ({
      logit: given.objectness[start + i]!,
      score: Math.fround(1 / (1 + Math.exp(-given.objectness[start + i]!))),
      box: Array.from(decoded.subarray(4 * (start + i), 4 * (start + i) + 4), (v, j) =>
        Math.min(Math.max(v, 0), j % 2 === 0 ? width : height),
      ),
    }));
    const best = level.toSorted((a, b) => b.logit - a.logit).slice(0, preNms);
    const valid = best.filter(
      ({ box: [x1, y1, x2, y2], score }) =>
        x2! - x1! >= minSize && y2! - y1! >= minSize && score >= scoreThreshold,
    );
    const survivors: typeof valid = [];
    const boxes = ({ box }: { box: number[] }) => Float32Array.from(box);
    for (const candidate of valid) {
      if (survivors.every((other) => boxIou(boxes(other), boxes(candidate))[0]! <= nmsThreshold)) {
        survivors.push(candidate);
      }
    }
    kept.push(...survivors);
    start += count;
  }
  return kept.toSorted((a, b) => b.score - a.score).slice(0, postNms);
}

describe('filterProposals', () => {
  test.each([
    [0, {}],
    [1, { scoreThreshold: 0.9 }],
    [2, { nmsThreshold: 0.3 }],
    [3, { postNms: 7 }],
  ])("torchvision's proposals, case %i: %o", (index, options) => {
    const got = filterProposals(predictions, { preNms: 40, postNms: 60, ...options });
    const { boxes, scores } = expected.cases[index]!;
    expectClose(got.scores, scores, 1e-6);
    expectClose(got.boxes, boxes, 1e-6);
  });

  test.each([
    { preNms: 30, postNms: 50, nmsThreshold: 0.5, scoreThreshold: 0.2, minSize: 8 },
    { preNms: 1000, postNms: 1000, nmsThreshold: 0.7, scoreThreshold: 0, minSize: 1e-3 },
  ])('agrees with the loop over levels and boxes: %o', (options) => {
    const twin = naive(predictions, options);
    const got = filterProposals(predictions, options);
    expect(Array.from(got.scores)).toEqual(twin.map(({ score }) => score));
    expectClose(
      got.boxes,
      twin.flatMap(({ box }) => box),
      1e-6,
    );
  });

  test('defaults: 1000 before and after NMS at .7, no score threshold, sides of a thousandth of a pixel', () => {
    // A row of boxes, one pixel apart: neighbours overlap by 2/4, and nothing is suppressed.
    const count = 1500;
    const row = (height: number): RpnPredictions => ({
      objectness: Float32Array.from({ length: count }, (_, i) => -20 - i / 100),
      offsets: new Float32Array(4 * count),
      anchors: Float32Array.from(
        { length: 4 * count },
        (_, i) => [0, 0, 3, height][i % 4]! + (i % 2 ? 0 : i >> 2),
      ),
      anchorsPerLevel: [count],
      imageSize: { width: 2000, height: 5 },
    });
    const two = { ...row(4), anchorsPerLevel: [750, 750] };
    expect(filterProposals(row(4)).boxes.length).toBe(4000);
    expect(filterProposals(row(4), { postNms: 2000 }).boxes.length).toBe(4000);
    expect(filterProposals(two).boxes.length).toBe(4000);
    expect(filterProposals(two, { postNms: 2000 }).boxes.length).toBe(6000);
    expect(filterProposals(row(0.0011)).boxes.length).toBe(4000);
    expect(filterProposals(row(0.0009)).boxes.length).toBe(0);
    expect(filterProposals(row(4), { nmsThreshold: 0.49 }).boxes.length).toBe(2000);
    const overlap = (right: number) => {
      const anchors = Float32Array.of(0, 0, 100, 5, 0, 0, right, 5);
      const pair = {
        objectness: new Float32Array(2),
        offsets: new Float32Array(8),
        anchors,
        anchorsPerLevel: [2],
      };
      return filterProposals({ ...pair, imageSize: { width: 2000, height: 5 } }).scores.length;
    };
    expect([overlap(69), overlap(71)]).toEqual([2, 1]);
  });

  test('a probability of the threshold is enough, and a side of the least size', () => {
    const one = (options: FilterProposalsOptions) =>
      filterProposals(
        {
          objectness: new Float32Array(1), // σ(0) = .5
          offsets: new Float32Array(4),
          anchors: Float32Array.of(10, 20, 18, 60),
          anchorsPerLevel: [1],
          imageSize: { width: 90, height: 70 },
        },
        options,
      ).scores.length;
    expect([one({ scoreThreshold: 0.5 }), one({ scoreThreshold: 0.51 })]).toEqual([1, 0]);
    expect([one({ minSize: 8 }), one({ minSize: 8.5 })]).toEqual([1, 0]);
  });

  test('nothing is lost to an axis: a tall picture clips y, a wide one x', () => {
    const one = (imageSize: { width: number; height: number }) =>
      filterProposals({
        objectness: new Float32Array(1),
        offsets: new Float32Array(4),
        anchors: Float32Array.of(-5, -7, 300, 400),
        anchorsPerLevel: [1],
        imageSize,
      }).boxes;
    expect(one({ width: 100, height: 900 })).toEqual(Float32Array.of(0, 0, 100, 400));
    expect(one({ width: 900, height: 100 })).toEqual(Float32Array.of(0, 0, 300, 100));
  });

  test('a coder of its own, lengths that do not fit, and NaN scores', () => {
    const weighted = {
      ...predictions,
      offsets: predictions.offsets.map((v, i) => v * [10, 10, 5, 5][i % 4]!),
    };
    const coder = new BoxCoder({ weights: [10, 10, 5, 5] });
    expectClose(filterProposals(weighted, { coder }).boxes, filterProposals(predictions).boxes, 1e-5);
    expect(() => filterProposals({ ...predictions, anchorsPerLevel: [420, 105] })).toThrow(
      /^filterProposals: .*561 logits.* and 525 anchors$/,
    );
    for (const name of ['offsets', 'anchors'] as const) {
      const short = { ...predictions, [name]: predictions[name].subarray(4) };
      expect(() => filterProposals(short)).toThrow(/561 logits.* got (2240 and 2244|2244 and 2240) numbers/);
    }
    expect(() =>
      filterProposals({ ...predictions, objectness: predictions.objectness.map(() => NaN) }),
    ).toThrow('NaN');
  });
});
