import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  evaluateCoco,
  evaluateVoc,
  formatCocoResults,
  matchDetections,
  parseCocoResults,
  type CocoStats,
  type MeasuredDetections,
  type MeasuredTruth,
} from '../src';
import { differingAt } from './naive';

interface Golden {
  name: 'sides' | 'corners';
  dataset: {
    images: { id: number }[];
    annotations: {
      image_id: number;
      category_id: number;
      bbox: [number, number, number, number];
      area: number;
      iscrowd: number;
    }[];
  };
  results: { image_id: number; category_id: number; bbox: number[]; score: number }[];
  stats: Record<string, number>;
  recall: number[];
}

const { cases } = JSON.parse(readFileSync(new URL('goldens/cocoTenths.json', import.meta.url), 'utf8')) as {
  cases: [Golden, Golden];
};
const [sides, corners] = cases;
const categoryIds = [3, 8];
const idsOf = ({ dataset }: Golden) => ({ imageIds: dataset.images.map(({ id }) => id), categoryIds });

/** The truths with their boxes as the file has them. */
const truthsOf = ({ dataset }: Golden): MeasuredTruth[] =>
  dataset.images.map(({ id }) => {
    const own = dataset.annotations.filter(({ image_id }) => image_id === id);
    return {
      boxes: Float64Array.from(own.flatMap(({ bbox }) => bbox)),
      labels: Int32Array.from(own, ({ category_id }) => categoryIds.indexOf(category_id) + 1),
      crowd: Uint8Array.from(own, ({ iscrowd }) => iscrowd),
      area: Float64Array.from(own, ({ area }) => area),
    };
  });

const detectionsOf = (golden: Golden, boxFormat: 'xyxy' | 'xywh'): MeasuredDetections[] =>
  parseCocoResults(JSON.stringify(golden.results), { ...idsOf(golden), boxFormat });

const toTenth = (value: number): number => Math.round(value * 10) / 10;
/** xywh → the corners they were made of, which are tenths. */
const toCorners = <T extends { boxes: Float32Array | Float64Array }>(images: T[]): T[] =>
  images.map((image) => ({
    ...image,
    boxes: image.boxes.map((value, i) => (i % 4 < 2 ? value : toTenth(value + image.boxes[i - 2]!))),
  }));

const differing = (stats: CocoStats, golden: Golden): string[] =>
  Object.entries(golden.stats)
    .filter(([name, value]) => !(Math.abs(stats[name as 'AP'] - value) < 1e-9))
    .map(([name]) => name);

describe('boxes at tenths of a pixel have the numbers of pycocotools', () => {
  test.each(cases)("$name: in the file's own format", (golden) => {
    const detections = detectionsOf(golden, 'xywh');
    const { stats, recall } = evaluateCoco(truthsOf(golden), detections, {
      numClasses: 2,
      boxFormat: 'xywh',
    });
    expect(differing(stats, golden)).toEqual([]);
    expect(Array.from(recall)).toEqual(golden.recall);
  });

  test('corners: as float64 corners, which float32 corners have not', () => {
    const groundTruth = toCorners(truthsOf(corners));
    const detections = toCorners(detectionsOf(corners, 'xywh'));
    const { stats, recall } = evaluateCoco(groundTruth, detections, { numClasses: 2 });
    expect(differing(stats, corners)).toEqual([]);
    expect(Array.from(recall)).toEqual(corners.recall);
    const rounded = detections.map((found) => ({ ...found, boxes: Float32Array.from(found.boxes) }));
    expect(differing(evaluateCoco(groundTruth, rounded).stats, corners)).not.toEqual([]);
  });

  test('scores too: two that are one in float32 keep their order', () => {
    const groundTruth = [{ boxes: Float64Array.of(0, 0, 20, 10), labels: Int32Array.of(1) }];
    const boxes = Float64Array.of(50, 0, 70, 10, 0, 0, 20, 10);
    const evaluations = [Float64Array.of(0.5, 0.5 + 1e-12), Float64Array.of(0.5 + 1e-12, 0.5)].map(
      (scores) => {
        const detections = [{ boxes, scores, labels: Int32Array.of(1, 1) }];
        return [evaluateCoco(groundTruth, detections).stats.AP, evaluateVoc(groundTruth, detections).mAP];
      },
    );
    expect(evaluations[0]![0]).toBeCloseTo(1, 12);
    expect(evaluations[1]![0]).toBeCloseTo(0.5, 12);
    expect(evaluations.map(([, voc]) => voc)).toEqual([1, 0.5]);
  });

  test('the other metrics take float64 as well', () => {
    const truth = { boxes: Float64Array.of(0.1, 0, 20.1, 10), labels: Int32Array.of(1) };
    const found = { ...truth, scores: Float64Array.of(0.3) };
    expect(Array.from(matchDetections(truth, found).truths)).toEqual([0]);
  });

  test.each([
    [{ boxes: [0, 0, 1, 1] }, 'boxes must be a Float32Array or Float64Array, got Array'],
    [{ scores: Int32Array.of(1) }, 'scores must be a Float32Array or Float64Array, got Int32Array'],
    [{ boxes: Float64Array.of(0, 0, 1) }, 'boxes must hold 4 numbers a box (x1 y1 x2 y2), got 3 numbers'],
    [{ boxes: Float64Array.of(0, 0, Infinity, 1) }, 'boxes must be finite, got Infinity in box 0'],
  ])('bad input %#', (wrong, message) => {
    const found = {
      boxes: Float64Array.of(0, 0, 1, 2),
      scores: Float64Array.of(1),
      labels: Int32Array.of(1),
    };
    const call = () => evaluateCoco([found], [{ ...found, ...wrong } as MeasuredDetections]);
    expect(call).toThrow(message);
  });
});

describe('COCO results files', () => {
  const ids = { imageIds: [139, 'left'], categoryIds: [17, 1] };
  const entry = { image_id: 'left', category_id: 1, bbox: [10.1, 20, 32, 0.30000000000000004], score: 1 / 3 };

  test.each(cases)('$name: what is read and written again is the same file', (golden) => {
    const text = formatCocoResults(detectionsOf(golden, 'xywh'), { ...idsOf(golden), boxFormat: 'xywh' });
    expect(JSON.parse(text)).toEqual(golden.results);
  });

  test('detections in float32 come back as they are', () => {
    const found = {
      boxes: Float32Array.of(0.1, 1000.7, 33.3, 1200.9, -5.5, 1 / 3, 7, 2),
      scores: Float32Array.of(0.9, 1e-7),
      labels: Int32Array.of(2, 1),
    };
    const none = { boxes: new Float32Array(0), scores: new Float32Array(0), labels: new Int32Array(0) };
    const [left, right] = parseCocoResults(formatCocoResults([none, found], ids), ids);
    expect(left).toEqual({ ...none, boxes: new Float64Array(0), scores: new Float64Array(0) });
    expect(right).toEqual({
      boxes: Float64Array.from(found.boxes),
      scores: Float64Array.from(found.scores),
      labels: found.labels,
    });
  });

  test('ids become places, and sides corners unless asked otherwise', () => {
    const other = { ...entry, image_id: 139, category_id: 17 };
    const text = JSON.stringify([entry, other, { ...entry, score: 0.5 }]);
    const [first, second] = parseCocoResults(text, ids);
    expect(Array.from(first!.labels)).toEqual([1]);
    expect(Array.from(second!.labels)).toEqual([2, 2]);
    expect(Array.from(second!.scores)).toEqual([1 / 3, 0.5]);
    expect(Array.from(first!.boxes)).toEqual([10.1, 20, 42.1, 20.3]);
    const [kept] = parseCocoResults(text, { ...ids, boxFormat: 'xywh' });
    expect(Array.from(kept!.boxes)).toEqual(entry.bbox);
  });

  test('a written file has an entry a line, in the order of the images', () => {
    const found = {
      boxes: Float64Array.of(1, 2, 4, 9),
      scores: Float64Array.of(0.25),
      labels: Int32Array.of(1),
    };
    expect(formatCocoResults([found, found], ids)).toBe(
      '[{"image_id":139,"category_id":17,"bbox":[1,2,3,7],"score":0.25},\n' +
        '{"image_id":"left","category_id":17,"bbox":[1,2,3,7],"score":0.25}]\n',
    );
  });

  test.each([
    ['{', 'JSON'],
    ['{"annotations":[]}', 'parseCocoResults: a results file is a list of detections'],
    [JSON.stringify([entry, null]), 'a score, got null at 1'],
    [JSON.stringify([{ ...entry, bbox: [1, 2, 3] }]), 'must have a bbox of 4 numbers'],
    [JSON.stringify([{ ...entry, bbox: undefined }]), 'must have a bbox of 4 numbers'],
    [JSON.stringify([{ ...entry, bbox: [1, 2, 3, '4'] }]), 'must have a bbox of 4 numbers'],
    [
      JSON.stringify([{ ...entry, score: null }]),
      'must have a bbox of 4 numbers (x y width height) and a score',
    ],
    [
      JSON.stringify([entry, { ...entry, image_id: '139' }]),
      'parseCocoResults: image_id "139" at 1 is none of those given (2: 139, "left")',
    ],
    [JSON.stringify([{ ...entry, category_id: 2 }]), 'parseCocoResults: category_id 2 at 0 is none of those'],
  ])('%s is no results file', (text, message) => {
    expect(() => parseCocoResults(text, ids)).toThrow(message);
  });

  test('what has no id is not written', () => {
    const found = (label: number) => ({
      boxes: Float64Array.of(1, 2, 4, 9),
      scores: Float64Array.of(0.25),
      labels: Int32Array.of(label),
    });
    expect(() => formatCocoResults([found(1)], ids)).toThrow(
      'formatCocoResults: imageIds must have one entry per image (1), got 2',
    );
    for (const label of [0, 3]) {
      expect(() => formatCocoResults([found(2), found(label)], ids)).toThrow(
        `formatCocoResults: labels must have a category id (1…2), got ${label} in image 1`,
      );
    }
  });
});

describe('IoU thresholds', () => {
  const groundTruth = truthsOf(sides);
  const detections = detectionsOf(sides, 'xywh');
  const evaluate = (thresholds: number[]) =>
    evaluateCoco(groundTruth, detections, {
      numClasses: 2,
      boxFormat: 'xywh',
      iouThresholds: Float64Array.from(thresholds),
    });

  test('more than an integer has bits, in any order: each as if it were alone', () => {
    const thresholds = Array.from({ length: 70 }, (_, t) => ((t * 31) % 70) / 69);
    const all = evaluate(thresholds);
    expect(all.counts).toEqual([70, 101, 2, 4, 3]);
    thresholds.forEach((threshold, t) => {
      const one = evaluate([threshold]);
      for (const name of ['precision', 'recall', 'scores'] as const) {
        const { length } = one[name];
        const own = all[name].subarray(t * length, (t + 1) * length);
        expect(differingAt(own, one[name]), `${name} at ${threshold}`).toBe(-1);
      }
    });
  });

  test('at 0 a truth that is not touched is found too, as in pycocotools; at 1 only the very box', () => {
    const truth = { boxes: Float32Array.of(0, 0, 20, 10), labels: Int32Array.of(1) };
    const at = (box: number[], threshold: number) => {
      const found = { boxes: Float32Array.from(box), scores: Float32Array.of(1), labels: Int32Array.of(1) };
      return evaluateCoco([truth], [found], { iouThresholds: Float64Array.of(threshold) }).recall[0];
    };
    expect(at([50, 0, 60, 10], 0)).toBe(1);
    expect(at([50, 0, 60, 10], 0.01)).toBe(0);
    expect(at([0, 0, 20, 10], 1)).toBe(1);
    expect(at([0, 0, 20, 9.99], 1)).toBe(0);
  });
});
