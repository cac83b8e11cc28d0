import { describe, expect, test } from 'vitest';
import {
  AnchorGenerator,
  averagePrecision,
  boxConvert,
  boxVoting,
  confusionMatrix,
  evaluateCoco,
  evaluateVoc,
  formatCocoResults,
  gatherBoxes,
  matchDetections,
  parseCocoAnnotations,
  parseCocoResults,
  precisionRecallCurve,
  proposalRecall,
  removeSmallBoxes,
  resizeBoxes,
} from '../src';

// Plain JavaScript has no compiler to say so: what would be taken for a default, or for nothing, is an error that names it.
const boxes = Float32Array.of(0, 0, 10, 4, 1, 1, 9, 5);
const labels = Int32Array.of(1, 2);
const scores = Float32Array.of(0.9, 0.8);
const truth = [{ boxes, labels }];
const found = [{ boxes, scores, labels }];
const wrong = (value: unknown) => value as never;
const ids = { imageIds: [1], categoryIds: [1, 2] };

describe('a word that is no choice', () => {
  test.each<[string, () => unknown]>([
    ["boxConvert: format must be 'xyxy', 'xywh' or 'cxcywh', got 'toString'", () => boxConvert(boxes, { from: wrong('toString'), to: 'xyxy' })], // prettier-ignore
    ["evaluateCoco: boxFormat must be 'xyxy' or 'xywh', got 'cxcywh'", () => evaluateCoco(truth, found, { boxFormat: wrong('cxcywh') })], // prettier-ignore
    ["evaluateVoc: interpolation must be '11-point' or 'area', got '101-point'", () => evaluateVoc(truth, found, { interpolation: wrong('101-point') })], // prettier-ignore
    ["averagePrecision: interpolation must be '11-point' or 'area', got 11", () => averagePrecision(precisionRecallCurve(scores, Uint8Array.of(1, 0), 2), wrong(11))], // prettier-ignore
    [
      "evaluateVoc: match must be '>=' or '>', got '=='",
      () => evaluateVoc(truth, found, { match: wrong('==') }),
    ],
    ["matchDetections: match must be '>=' or '>', got '=='", () => matchDetections(truth[0]!, found[0]!, { match: wrong('==') })], // prettier-ignore
    ["parseCocoAnnotations: boxFormat must be 'xyxy' or 'xywh', got 'cxcywh'", () => parseCocoAnnotations('{}', { boxFormat: wrong('cxcywh') })], // prettier-ignore
    ["parseCocoResults: boxFormat must be 'xyxy' or 'xywh', got 'cxcywh'", () => parseCocoResults('[]', { ...ids, boxFormat: wrong('cxcywh') })], // prettier-ignore
    ["parseCocoResults: others must be 'refuse' or 'drop', got 'skip'", () => parseCocoResults('[]', { ...ids, others: wrong('skip') })], // prettier-ignore
    ["formatCocoResults: boxFormat must be 'xyxy' or 'xywh', got 'cxcywh'", () => formatCocoResults(found, { ...ids, boxFormat: wrong('cxcywh') })], // prettier-ignore
  ])('%s', (message, call) => expect(call).toThrow(message));
});

describe('a number that is none, or no place', () => {
  test.each<[string, () => unknown]>([
    ['removeSmallBoxes: minSize must be a number, got NaN', () => removeSmallBoxes(boxes, { minSize: NaN })],
    ['removeSmallBoxes: minSize must be a number, got undefined', () => removeSmallBoxes(boxes, wrong({}))],
    ['resizeBoxes: to must have sides ≥ 0, got NaN × 3', () => resizeBoxes(boxes, { from: { width: 2, height: 3 }, to: { width: NaN, height: 3 } })], // prettier-ignore
    ['gatherBoxes: indices must be below the number of boxes (2), got 0.5', () => gatherBoxes(boxes, [0.5])],
    ['boxVoting: kept indices must be below the number of boxes (2), got 0.5', () => boxVoting(found[0]!, [0.5])], // prettier-ignore
    ['confusionMatrix: scoreThreshold must be a number, got NaN', () => confusionMatrix(truth, found, { scoreThreshold: NaN })], // prettier-ignore
    ['evaluateCoco: groundTruth[0]: area must be ≥ 0, got NaN at 1', () => evaluateCoco([{ boxes, labels, area: Float32Array.of(1, NaN) }], found)], // prettier-ignore
  ])('%s', (message, call) => expect(call).toThrow(message));
});

describe('an array that is none', () => {
  test.each<[string, () => unknown]>([
    ['evaluateCoco: groundTruth must be an array, an entry per image, got Object', () => evaluateCoco(wrong(truth[0]), found)], // prettier-ignore
    ['evaluateVoc: detections must be an array, an entry per image, got Undefined', () => evaluateVoc(truth, wrong(undefined))], // prettier-ignore
    ['evaluateCoco: groundTruth[0] must have boxes and labels, an Int32Array, got null', () => evaluateCoco(wrong([null]), found)], // prettier-ignore
    ['detections[0] must have boxes and labels, an Int32Array, got labels undefined', () => evaluateCoco(truth, wrong([{ boxes, scores }]))], // prettier-ignore
    ['evaluateCoco: iouThresholds must be a Float64Array or an array, got 0.5', () => evaluateCoco(truth, found, { iouThresholds: wrong(0.5) })], // prettier-ignore
    ['evaluateCoco: maxDets must be an array, 3 rising limits, got Number', () => evaluateCoco(truth, found, { maxDets: wrong(100) })], // prettier-ignore
    ['proposalRecall: iouThresholds must be an array, a threshold each, got Number', () => proposalRecall(truth, [boxes], { iouThresholds: wrong(0.5) })], // prettier-ignore
    ['proposalRecall: proposals must be an array, the boxes of each image, got Float32Array', () => proposalRecall(truth, wrong(boxes))], // prettier-ignore
    ['AnchorGenerator: an entry of sizes must be an array, the sides of a map, got Number', () => new AnchorGenerator({ sizes: wrong([32, 64]) })], // prettier-ignore
    ['AnchorGenerator: sizes must be an array, a list of sides for each map, got Number', () => new AnchorGenerator({ sizes: wrong(32) })], // prettier-ignore
    ['AnchorGenerator: aspectRatios must be an array, one for all maps or a list for each, got Number', () => new AnchorGenerator({ aspectRatios: wrong(1) })], // prettier-ignore
    ['parseCocoResults: imageIds must be an array, an id each, got String', () => parseCocoResults('[]', { ...ids, imageIds: wrong('1') })], // prettier-ignore
    ['formatCocoResults: categoryIds must be an array, an id each, got Undefined', () => formatCocoResults(found, wrong({ imageIds: [1] }))], // prettier-ignore
  ])('%s', (message, call) => expect(call).toThrow(message));
});

test('evaluateCoco takes IoU thresholds as a plain array too', () => {
  const [plain, typed] = [[0.5, 0.75], Float64Array.of(0.5, 0.75)].map(
    (iouThresholds) => evaluateCoco(truth, found, { iouThresholds }).stats,
  );
  expect(plain).toEqual(typed);
  expect(plain!.AP75).toBeCloseTo(1, 9);
});
