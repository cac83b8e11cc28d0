import { BoxCoder, boxIou, gatherBoxes, mulberry32 } from '@roikit/geometry';
import { describe, expect, test } from 'vitest';
import { labelAnchors, sampleAnchors } from '../src';
import { expectClose, golden } from './golden';

const anchors = Float32Array.from(golden.proposals.anchors);
const truth = Float32Array.from(golden.training.truth);
const labelled = { boxes: truth, labels: Int32Array.of(1, 2, 1, 3) };
const none = { boxes: new Float32Array(0), labels: new Int32Array(0) };
const random = () => mulberry32(4);

describe('labelAnchors', () => {
  test("torchvision's labels and targets", () => {
    const { labels, match } = labelAnchors(anchors, truth);
    expect(Array.from(labels)).toEqual(golden.training.labels);
    const { positive } = golden.training;
    const rowsOf = (boxes: Float32Array, rows: number[]) =>
      Float32Array.from(rows.flatMap((row) => Array.from(boxes.subarray(4 * row, 4 * row + 4))));
    const targets = new BoxCoder().encode(
      rowsOf(
        truth,
        positive.map((i) => match[i]!),
      ),
      rowsOf(anchors, positive),
    );
    expectClose(targets, golden.training.boxTargets, 1e-5);
  });

  test('an object that no anchor touches takes none (faster-rcnn.md §4.5)', () => {
    const away = Float32Array.from([...truth.subarray(0, 4), 900, 900, 950, 940, ...truth.subarray(4)]);
    const { labels, match } = labelAnchors(anchors, away);
    expect(Array.from(labels)).toEqual(golden.training.labels);
    labels.forEach((label, i) => {
      if (label === 1) expect([0, 2, 3, 4]).toContain(match[i]);
    });
    const onlyAway = labelAnchors(anchors, away.subarray(4, 8)).labels;
    expect(onlyAway).toEqual(new Int32Array(anchors.length / 4));
  });

  test('thresholds: an object from .7 on, background below .3, neither between; each configurable', () => {
    // Anchors as wide as their share of the object; the first is the object's best whatever the threshold.
    const shares = [0.9375, 0.71875, 0.6875, 0.3125, 0.28125, 0];
    const row = Float32Array.from(shares.flatMap((share) => [0, 0, 128 * share, 30]));
    const object = Float32Array.of(0, 0, 128, 30);
    expect(Array.from(labelAnchors(row, object).labels)).toEqual([1, 1, -1, -1, 0, 0]);
    const other = labelAnchors(row, object, { foregroundIou: 0.3125, backgroundIou: 0.3 });
    expect(Array.from(other.labels)).toEqual([1, 1, 1, 1, 0, 0]);
  });

  test('anchors over the border can be left out, as the paper does: the others are labelled as if there were no more', () => {
    const imageSize = { width: 106, height: 70 };
    const isInside = (i: number) => {
      const [x1, y1, x2, y2] = anchors.subarray(4 * i, 4 * i + 4);
      return x1! >= 0 && y1! >= 0 && x2! <= 106 && y2! <= 70;
    };
    const inside = [...Array(anchors.length / 4).keys()].filter(isInside);
    const alone = labelAnchors(gatherBoxes(anchors, inside), truth).labels;
    const expected = new Int32Array(anchors.length / 4).fill(-1);
    inside.forEach((i, at) => (expected[i] = alone[at]!));
    expect(labelAnchors(anchors, truth, { borderAnchors: 'ignore', imageSize }).labels).toEqual(expected);
    expect(() => labelAnchors(anchors, truth, { borderAnchors: 'ignore' })).toThrow(
      'imageSize must be given',
    );
  });
});

test('an anchor that ends on the border lies within, one that crosses it by a quarter pixel does not', () => {
  const imageSize = { width: 30, height: 20 };
  const object = Float32Array.of(2, 2, 28, 18);
  const labelOf = (...anchor: number[]) =>
    labelAnchors(Float32Array.from(anchor), object, { borderAnchors: 'ignore', imageSize }).labels[0];
  expect(labelOf(0, 0, 30, 20)).toBe(1);
  for (const [side, by] of [-0.25, -0.25, 0.25, 0.25].entries()) {
    expect(labelOf(...[0, 0, 30, 20].map((value, i) => (i === side ? value + by : value)))).toBe(-1);
  }
});

test("with border anchors left out an object's best is the best within (anchor_target_layer.py looks at no others)", () => {
  const row = Float32Array.of(-2, -1, 10, 10, 0, 0, 20, 10, 10, 10, 30, 20); // IoU .76, .5 and 0
  const object = Float32Array.of(0, 0, 10, 10);
  expect(Array.from(labelAnchors(row, object).labels)).toEqual([1, -1, 0]);
  const imageSize = { width: 30, height: 20 };
  const { labels, match } = labelAnchors(row, object, { borderAnchors: 'ignore', imageSize });
  expect(Array.from(labels)).toEqual([-1, 1, 0]);
  expect(match[1]).toBe(0);
});

describe('sampleAnchors', () => {
  test('256 anchors by default, half of them objects where there are so many', () => {
    const loose = { foregroundIou: 0.1, backgroundIou: 0.05 };
    const many = sampleAnchors(anchors, labelled, { ...loose, random: random() });
    const few = sampleAnchors(anchors, labelled, { random: random() });
    const { labels } = labelAnchors(anchors, truth, loose);
    expect(labels.filter((label) => label === 1).length).toBeGreaterThan(128);
    expect([many.positive.length, many.negative.length]).toEqual([128, 128]);
    for (const i of many.positive) expect(labels[i]).toBe(1);
    for (const i of many.negative) expect(labels[i]).toBe(0);
    const positives = golden.training.labels.filter((label) => label === 1).length;
    expect([few.positive.length, few.negative.length]).toEqual([positives, 256 - positives]);
    const quarter = { count: 40, positiveFraction: 0.25, ...loose, random: random() };
    expect(sampleAnchors(anchors, labelled, quarter).positive.length).toBe(10);
  });

  test('targets lead from each anchor to its best object', () => {
    const coder = new BoxCoder({ weights: [10, 10, 5, 5] });
    for (const options of [{ coder }, {}]) {
      const { positive, positiveAnchors, boxTargets } = sampleAnchors(anchors, labelled, {
        ...options,
        random: random(),
      });
      const decoded = (options.coder ?? new BoxCoder()).decode(boxTargets, positiveAnchors);
      positive.forEach((index, row) => {
        const anchor = anchors.subarray(4 * index, 4 * index + 4);
        expect(positiveAnchors.subarray(4 * row, 4 * row + 4)).toEqual(anchor);
        const overlaps = Array.from(boxIou(anchor, truth));
        const best = overlaps.indexOf(Math.max(...overlaps));
        expectClose(decoded.subarray(4 * row, 4 * row + 4), truth.subarray(4 * best, 4 * best + 4), 1e-5);
      });
    }
  });

  test('no object, all background; one seed draws the same twice', () => {
    const empty = sampleAnchors(anchors, none, { random: random() });
    expect([empty.positive.length, empty.negative.length, empty.boxTargets.length]).toEqual([0, 256, 0]);
    const draw = () => sampleAnchors(anchors, labelled, { random: random() });
    expect(draw()).toEqual(draw());
  });

  test.each(['crowd', 'difficult'] as const)('what is %s is not learned, as in the head', (mark) => {
    const empty = sampleAnchors(anchors, none, { random: random() });
    const all = { ...labelled, [mark]: Uint8Array.of(1, 1, 1, 1) };
    expect(sampleAnchors(anchors, all, { random: random() })).toEqual(empty);
    const some = { ...labelled, [mark]: Uint8Array.of(0, 1, 0, 1) };
    const others = Float32Array.from([...truth.subarray(0, 4), ...truth.subarray(8, 12)]);
    const without = { boxes: others, labels: Int32Array.of(1, 1) };
    expect(sampleAnchors(anchors, some, { random: random() })).toEqual(
      sampleAnchors(anchors, without, { random: random() }),
    );
  });
});
