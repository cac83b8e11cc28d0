import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  alignedBoxIou,
  alignedCompleteBoxIou,
  alignedDistanceBoxIou,
  alignedGeneralizedBoxIou,
  batchedNms,
  boxArea,
  BoxCoder,
  boxConvert,
  boxIou,
  clipBoxesToImage,
  completeBoxIou,
  distanceBoxIou,
  generalizedBoxIou,
  Matcher,
  nms,
  removeSmallBoxes,
  type BoxFormat,
} from '../src';

type Indices = [threshold: number, indices: number[]][];

const golden = JSON.parse(readFileSync(new URL('goldens/torchvision.json', import.meta.url), 'utf8')) as {
  nms: { boxes: number[]; scores: number[]; labels: number[]; nms: Indices; batched: Indices }[];
  iou: ({ a: number[]; b: number[] } & Record<string, number[]>)[];
  boxes: {
    boxes: number[];
    area: number[];
    clipped: number[];
    small: number[];
    convert: Record<string, number[]>;
  };
  coder: {
    weights: [number, number, number, number];
    references: number[];
    proposals: number[];
    encoded: number[];
    codes: number[];
    decoded: number[];
  }[];
  matcher: {
    high: number;
    low: number;
    allowLowQualityMatches: boolean;
    quality: number[];
    shape: [number, number];
    matches: number[];
  }[];
};

const f32 = (values: number[]): Float32Array => Float32Array.from(values);

/** Largest difference, relative where the expected value is above 1. */
function worst(actual: Float32Array, expected: number[]): number {
  expect(actual.length).toBe(expected.length);
  return expected.reduce(
    (most, value, i) => Math.max(most, Math.abs(actual[i]! - value) / Math.max(1, Math.abs(value))),
    0,
  );
}

describe.each(golden.nms)('nms, set %#', ({ boxes, scores, labels, nms: single, batched }) => {
  test.each(single)('threshold %d', (iouThreshold, indices) => {
    expect(Array.from(nms(f32(boxes), f32(scores), { iouThreshold }))).toEqual(indices);
  });
  test.each(batched)('batched, threshold %d', (iouThreshold, indices) => {
    expect(
      Array.from(batchedNms(f32(boxes), f32(scores), Int32Array.from(labels), { iouThreshold })),
    ).toEqual(indices);
  });
});

describe.each(golden.iou)('IoU family, set %#', ({ a, b, ...expected }) => {
  test.each([
    ['box_iou', boxIou, alignedBoxIou],
    ['box_iou_float32', boxIou, alignedBoxIou],
    ['generalized_box_iou', generalizedBoxIou, alignedGeneralizedBoxIou],
    ['distance_box_iou', distanceBoxIou, alignedDistanceBoxIou],
    ['complete_box_iou', completeBoxIou, alignedCompleteBoxIou],
  ] as const)('%s', (name, pairwise, aligned) => {
    const matrix = pairwise(f32(a), f32(b));
    expect(worst(matrix, expected[name]!)).toBeLessThan(1e-6);
    const columns = b.length / 4;
    const diagonal = aligned(f32(a).subarray(0, b.length), f32(b));
    expect(Array.from(diagonal)).toEqual(Array.from(diagonal, (_, i) => matrix[i * columns + i]));
  });
});

describe('boxes', () => {
  const { boxes, area, clipped, small, convert } = golden.boxes;
  test('boxArea', () => expect(worst(boxArea(f32(boxes)), area)).toBeLessThan(1e-6));
  test('clipBoxesToImage', () => {
    expect(clipBoxesToImage(f32(boxes), { width: 50, height: 40 })).toEqual(f32(clipped));
  });
  test('removeSmallBoxes', () => {
    expect(Array.from(removeSmallBoxes(f32(boxes), { minSize: 3.3 }))).toEqual(small);
  });
  test.each(Object.entries(convert))('boxConvert %s', (formats, expected) => {
    const [from, to] = formats.split(' ') as [BoxFormat, BoxFormat];
    expect(worst(boxConvert(f32(boxes), { from, to }), expected)).toBeLessThan(1e-6);
  });
});

test.each(golden.coder)('BoxCoder, weights $weights', ({ weights, ...expected }) => {
  const coder = new BoxCoder({ weights });
  const encoded = coder.encode(f32(expected.references), f32(expected.proposals));
  expect(worst(encoded, expected.encoded)).toBeLessThan(1e-6);
  const decoded = coder.decode(f32(expected.codes), f32(expected.proposals));
  expect(worst(decoded, expected.decoded)).toBeLessThan(1e-6);
});

test.each(golden.matcher)('Matcher $high $low low quality: $allowLowQualityMatches', (golden) => {
  const { high, low, allowLowQualityMatches } = golden;
  const matcher = new Matcher({ highThreshold: high, lowThreshold: low, allowLowQualityMatches });
  const [numGroundTruth, numPredictions] = golden.shape;
  const matches = matcher.match(f32(golden.quality), { numGroundTruth, numPredictions });
  expect(Array.from(matches)).toEqual(golden.matches);
});
