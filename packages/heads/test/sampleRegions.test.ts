import { BoxCoder, boxIou, mulberry32, type GroundTruth } from '@roikit/geometry';
import { describe, expect, test } from 'vitest';
import { labelRegions, regionTargets, sampleRegions } from '../src';

const coder = new BoxCoder({ weights: [10, 10, 5, 5] });
const random = mulberry32(7);

function randomBoxes(count: number): Float32Array {
  const boxes = new Float32Array(4 * count);
  for (let i = 0; i < boxes.length; i += 4) {
    const [x, y] = [random() * 80, random() * 80];
    boxes.set([x, y, x + 10 + random() * 30, y + 10 + random() * 30], i);
  }
  return boxes;
}

const truth: GroundTruth = { boxes: randomBoxes(4), labels: Int32Array.of(1, 2, 1, 3) };
const proposals = randomBoxes(500);

/** Best IoU of each region with any object, and the object's index. */
function best(regions: Float32Array, objects: Float32Array) {
  const m = objects.length / 4;
  const iou = boxIou(regions, objects);
  return Array.from({ length: regions.length / 4 }, (_, r) => {
    const row = Array.from(iou.subarray(r * m, (r + 1) * m));
    const overlap = Math.max(0, ...row);
    return { overlap, object: row.indexOf(overlap) };
  });
}

describe('sampleRegions', () => {
  const options = { coder, count: 64, positiveFraction: 0.25, random };
  const sample = sampleRegions(proposals, truth, options);
  const overlaps = best(sample.boxes, truth.boxes);

  test('labels a region with the class of its best object from IoU 0.5 on, with background below', () => {
    expect(sample.labels.length).toBe(64);
    overlaps.forEach(({ overlap, object }, r) => {
      expect(sample.labels[r]).toBe(overlap >= 0.5 ? truth.labels[object] : 0);
    });
  });

  test('takes at most a quarter of foreground, the objects themselves among the candidates', () => {
    const foreground = sample.labels.filter((label) => label > 0).length;
    expect(foreground).toBeGreaterThanOrEqual(4);
    expect(foreground).toBeLessThanOrEqual(16);
    const alone = sampleRegions(new Float32Array(0), truth, options);
    expect(Array.from(alone.labels).toSorted()).toEqual([1, 1, 2, 3]);
  });

  test("box targets lead from the region to its object; background's are zero", () => {
    const decoded = coder.decode(sample.boxTargets, sample.boxes);
    overlaps.forEach(({ object }, r) => {
      const expected = sample.labels[r]! > 0 ? truth.boxes : sample.boxes;
      const row = sample.labels[r]! > 0 ? object : r;
      for (let i = 0; i < 4; i++) expect(decoded[4 * r + i]).toBeCloseTo(expected[4 * row + i]!, 3);
    });
  });

  test('background comes from the asked range only', () => {
    const mined = sampleRegions(proposals, truth, { ...options, backgroundIou: [0.1, 0.5] });
    best(mined.boxes, truth.boxes).forEach(({ overlap }) => expect(overlap).toBeGreaterThanOrEqual(0.1));
  });

  test('each bound of the two ranges is kept: from the lower one on, below the upper one', () => {
    // a 10 × 20 object; strips of it, so that the IoU is their height / 20
    const object = { boxes: Float32Array.of(0, 0, 10, 20), labels: Int32Array.of(3) };
    const heights = [0, 1, 2, 3, 7, 8, 9, 11, 12, 13, 16];
    const strips = Float32Array.from(heights.flatMap((height) => [0, 0, 10, height || -1]));
    const labelsOf = (ranges: Partial<Parameters<typeof sampleRegions>[2]>) => {
      const all = { ...options, count: 100, positiveFraction: 1, ...ranges };
      const { boxes, labels } = sampleRegions(strips, object, all);
      const height = (i: number) => Math.max(0, boxes[4 * i + 3]!);
      return Object.fromEntries(Array.from(labels, (label, i) => [height(i), label]));
    };
    // heights 2 to 7 are background, 12 and above (the object too) are foreground
    expect(labelsOf({ foregroundIou: 0.6, backgroundIou: [0.1, 0.4] })).toEqual({
      2: 0, 3: 0, 7: 0, 12: 3, 13: 3, 16: 3, 20: 3,
    }); // prettier-ignore
    expect(labelsOf({})).toEqual({
      0: 0, 1: 0, 2: 0, 3: 0, 7: 0, 8: 0, 9: 0, 11: 3, 12: 3, 13: 3, 16: 3, 20: 3,
    }); // prettier-ignore
    // foreground comes first where the ranges overlap
    expect(labelsOf({ foregroundIou: 0.4, backgroundIou: [0, 0.9] })).toMatchObject({ 7: 0, 8: 3, 16: 3 });
  });

  test('without an object, mined background is none', () => {
    const empty: GroundTruth = { boxes: new Float32Array(0), labels: new Int32Array(0) };
    const mined = sampleRegions(proposals, empty, { ...options, backgroundIou: [0.1, 0.5] });
    expect(mined.labels.length).toBe(0);
  });

  test('crowds and difficult objects are not learned', () => {
    const marked = { ...truth, crowd: Uint8Array.of(0, 1, 0, 0), difficult: Uint8Array.of(0, 0, 0, 1) };
    const got = sampleRegions(proposals, marked, options);
    expect(new Set(got.labels)).toEqual(new Set([0, 1]));
  });

  test('uniformClasses draws every class alike, as far as there are candidates', () => {
    // 40 jittered copies of an object of class 1, 6 of one of class 2.
    const copies = (index: number, count: number) =>
      Array.from({ length: count }, () =>
        Array.from(truth.boxes.subarray(4 * index, 4 * index + 4), (v) => v + random()),
      );
    const many = Float32Array.from(
      [...copies(0, 40), ...copies(1, 6), ...Array.from({ length: 60 }, () => [0, 0, 3, 3])].flat(),
    );
    const two = { boxes: truth.boxes.slice(0, 8), labels: Int32Array.of(1, 2) };
    const counts = (uniformClasses: boolean) => {
      const { labels } = sampleRegions(many, two, { ...options, uniformClasses });
      return [1, 2].map((label) => labels.filter((value) => value === label).length);
    };
    expect(counts(true)).toEqual([9, 7]); // class 2 has its 6 copies and the object itself
    const [common, rare] = counts(false);
    expect(common! + rare!).toBe(16);
    expect(rare).toBeLessThan(7);
  });

  test('regionTargets: of any regions in any order, each its own object', () => {
    const two = { boxes: Float32Array.of(10, 10, 50, 40, 60, 20, 90, 80), labels: Int32Array.of(1, 2) };
    const regions = Float32Array.of(62, 22, 90, 84, 0, 0, 8, 8, 12, 8, 50, 40, 55, 22, 88, 80);
    const rows = [3, 1, 0, 2];
    const { labels, boxTargets, boxes } = regionTargets(labelRegions(regions, two), rows, coder);
    expect(Array.from(labels)).toEqual([2, 0, 2, 1]);
    expect(Array.from(boxTargets.subarray(4, 8))).toEqual([0, 0, 0, 0]);
    const decoded = coder.decode(boxTargets, boxes);
    for (const [row, object] of [1, undefined, 1, 0].entries()) {
      if (object === undefined) continue;
      for (let i = 0; i < 4; i++) expect(decoded[4 * row + i]).toBeCloseTo(two.boxes[4 * object + i]!, 3);
    }
  });

  test('uniformClasses draws any candidate of a class, each as likely', () => {
    const object = [10, 10, 50, 40];
    const ten = Float32Array.from({ length: 40 }, (_, i) => object[i & 3]! + (i >> 2) / 8); // IoU .8 at least
    const one = { boxes: Float32Array.from(object), labels: Int32Array.of(1) };
    const drawn = new Map<number, number>();
    const generator = mulberry32(12);
    for (let run = 0; run < 1100; run++) {
      const { boxes, labels } = sampleRegions(ten, one, {
        coder,
        count: 4,
        positiveFraction: 0.25,
        uniformClasses: true,
        random: generator,
      });
      expect(Array.from(labels)).toEqual([1]);
      drawn.set(boxes[0]!, (drawn.get(boxes[0]!) ?? 0) + 1);
    }
    expect(drawn.size).toBe(10); // the object itself is where the first is
    // 100 of 11 candidates each, five standard deviations (10) on either side; the first place has two.
    for (const [x, count] of drawn) expect(Math.abs(count - (x === 10 ? 200 : 100))).toBeLessThan(70);
  });

  test('an image without objects gives background; one without anything gives nothing', () => {
    const empty: GroundTruth = { boxes: new Float32Array(0), labels: new Int32Array(0) };
    expect(sampleRegions(proposals, empty, options).labels).toEqual(new Int32Array(64));
    expect(sampleRegions(new Float32Array(0), empty, options).labels.length).toBe(0);
  });

  test('the same generator state gives the same sample', () => {
    const draw = () => sampleRegions(proposals, truth, { ...options, random: mulberry32(3) });
    expect(draw()).toEqual(draw());
  });
});

describe('sampleRegions by known overlaps', () => {
  const object: GroundTruth = { boxes: Float32Array.of(0, 0, 128, 40), labels: Int32Array.of(2) };
  /** As wide as its share of the object, which is its IoU; exact in float32. */
  const covering = (...shares: number[]) =>
    Float32Array.from(shares.flatMap((share) => [0, 0, 128 * share, 40]));
  const far = (count: number) =>
    Float32Array.from({ length: 4 * count }, (_, i) => [200, 90, 230, 110][i % 4]! + (i >> 2));
  const draw = (regions: Float32Array, options: object = {}) => {
    const { boxes, labels } = sampleRegions(regions, object, { coder, random: mulberry32(1), ...options });
    return {
      widths: Array.from(labels, (_, r) => boxes[4 * r + 2]! - boxes[4 * r]!),
      labels: Array.from(labels),
    };
  };

  test('defaults: 64 regions, a quarter of them foreground, from IoU .5 on; background from 0 up to it', () => {
    const many = Float32Array.from([
      ...Array.from({ length: 30 }, () => [...covering(0.75)]).flat(),
      ...far(70),
    ]);
    const { labels } = draw(many);
    expect([labels.length, labels.filter((label) => label === 2).length]).toEqual([64, 16]);
    const edges = draw(Float32Array.from([...covering(0.5, 0.4921875, 0.125), ...far(1)]));
    // 128 is the object itself
    expect(edges).toEqual({ widths: [64, 128, 63, 16, 30], labels: [2, 2, 0, 0, 0] });
  });

  test('what lies between background and foreground is not drawn, nor what lies below the background', () => {
    const shares = covering(0.625, 0.5625, 0.5, 0.25, 0.125, 0.0625);
    const { widths, labels } = draw(shares, { foregroundIou: 0.625, backgroundIou: [0.125, 0.5] });
    expect({ widths, labels }).toEqual({ widths: [80, 128, 32, 16], labels: [2, 2, 0, 0] });
  });

  test('foreground is drawn from all alike by default', () => {
    const two = { boxes: Float32Array.of(0, 0, 128, 40, 200, 90, 230, 110), labels: Int32Array.of(2, 1) };
    const regions = Float32Array.from(Array.from({ length: 60 }, () => [...covering(0.75)]).flat());
    const drawn = sampleRegions(regions, two, { coder, random: mulberry32(1), count: 16 });
    // Were classes drawn in turn, the one region of class 1 would be among the four for sure.
    expect(Array.from(drawn.labels)).toEqual([2, 2, 2, 2]);
  });
});
