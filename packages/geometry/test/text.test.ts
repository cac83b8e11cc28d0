import { describe, expect, test } from 'vitest';
import {
  AnchorGenerator,
  BalancedPositiveNegativeSampler,
  batchedNms,
  BoxCoder,
  boxVoting,
  clipBoxesToImage,
  Matcher,
  matchDetections,
  nms,
  softNms,
} from '../src';

// What a form or a JSON file gives is text, and JavaScript's comparisons take it for a number.
const half = '0.5' as unknown as number;
const boxes = Float32Array.of(0, 0, 10, 4, 1, 1, 9, 5);
const scores = Float32Array.of(0.9, 0.8);
const labels = Int32Array.of(1, 1);
const detections = { boxes, scores, labels };

describe('text where a number belongs is an error that names it', () => {
  test.each<[string, () => unknown]>([
    ['nms: iouThreshold', () => nms(boxes, scores, { iouThreshold: half })],
    ['nms: maxOutput', () => nms(boxes, scores, { iouThreshold: 0.5, maxOutput: half })],
    ['batchedNms: iouThreshold', () => batchedNms(boxes, scores, labels, { iouThreshold: half })],
    ['softNms: iouThreshold', () => softNms(boxes, scores, { method: 'linear', iouThreshold: half })],
    ['softNms: sigma', () => softNms(boxes, scores, { method: 'gaussian', sigma: half })],
    ['softNms: scoreThreshold', () => softNms(boxes, scores, { method: 'gaussian', scoreThreshold: half })],
    ['boxVoting: iouThreshold', () => boxVoting(detections, [0], { iouThreshold: half })],
    ['clipBoxesToImage: width', () => clipBoxesToImage(boxes, { width: half, height: 3 })],
    ['Matcher: highThreshold', () => new Matcher({ highThreshold: half, lowThreshold: 0.1 })],
    ['BoxCoder: weights', () => new BoxCoder({ weights: [10, half, 5, 5] })],
    ['BoxCoder: bboxXformClip', () => new BoxCoder({ bboxXformClip: half })],
    ['AnchorGenerator: sizes', () => new AnchorGenerator({ sizes: [[half]] })],
    ['AnchorGenerator: offset', () => new AnchorGenerator({ offset: half })],
    [
      'BalancedPositiveNegativeSampler: positiveFraction',
      () => new BalancedPositiveNegativeSampler({ batchSizePerImage: 4, positiveFraction: half }),
    ],
    ['matchDetections: iouThreshold', () => matchDetections(detections, detections, { iouThreshold: half })],
  ])('%s', (message, call) => {
    expect(call).toThrow(RangeError);
    expect(call).toThrow(message);
  });
});

describe('labels are integers', () => {
  test.each([1.5, NaN, half])('not %s', (label) => {
    const wrong = [1, label] as unknown as Int32Array;
    expect(() => batchedNms(boxes, scores, wrong, { iouThreshold: 0.5 })).toThrow(
      /^batchedNms: labels must be integers, got .* at 1$/,
    );
    const found = { ...detections, labels: wrong };
    expect(() => boxVoting(found, [0])).toThrow(/^boxVoting: labels must be integers/);
    expect(() => matchDetections(detections, found)).toThrow(/^matchDetections: detections: labels must be/);
  });

  test('boxVoting: as many as boxes, and indices that there are', () => {
    expect(() => boxVoting({ ...detections, labels: Int32Array.of(1) }, [0])).toThrow(
      'boxVoting: labels must have one entry per box (2), got 1',
    );
    expect(() => boxVoting(detections, [2])).toThrow(
      'boxVoting: kept indices must be below the number of boxes (2), got 2',
    );
  });
});
