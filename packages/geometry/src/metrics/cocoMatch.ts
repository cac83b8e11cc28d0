import { descendingOrder } from '../descendingOrder';
import { sideProduct } from '../pair';
import type { Detections, GroundTruth } from '../types';
import { ImageMatcher } from './cocoImageMatcher';
import { imageStarts, type ClassObjects } from './groupByClass';
import { FALSE_POSITIVE, IGNORED } from './outcomes';

/** Truths and detections of one class. */
export interface ClassInput {
  groundTruth: readonly GroundTruth[];
  detections: readonly Detections[];
  truths: ClassObjects;
  found: ClassObjects;
}

export interface CocoParameters {
  /** `[T]` */
  iouThresholds: Float64Array;
  /** `[R]` */
  recallThresholds: Float64Array;
  /** `[A]` pairs of square pixels; both ends belong to a range */
  areaRanges: readonly (readonly [number, number])[];
  /** `[M]`, rising: detections counted for each image and class */
  maxDets: readonly number[];
}

/** Outcome of every detection of one class, under every area range and IoU threshold. */
export interface ClassMatches {
  /** `[n]`, descending */
  scores: Float32Array;
  /** `[n]`: how many detections of the same image come before */
  ranks: Int32Array;
  /** `[A, T, n]`: FALSE_POSITIVE, TRUE_POSITIVE or IGNORED */
  outcomes: Uint8Array;
  /** `[A]`: truths that are counted */
  numTruths: Int32Array;
}

/** Detections of one class by descending score, and how many of the same image come before each. */
function rankDetections({ detections, found }: ClassInput) {
  const scores = Float32Array.from(found.index, (index, i) => detections[found.image[i]!]!.scores[index]!);
  const order = descendingOrder(scores);
  const seen = new Int32Array(detections.length);
  const ranks = order.map((i) => seen[found.image[i]!]!++);
  return { order, ranks, scores: scores.map((_, position) => scores[order[position]!]!) };
}

/** For each area range `[n]`: 1 where a truth is a crowd or outside the range. */
function ignoredTruths({ groundTruth, truths }: ClassInput, { areaRanges }: CocoParameters): Uint8Array[] {
  const ignored = areaRanges.map(() => new Uint8Array(truths.index.length));
  truths.index.forEach((index, i) => {
    const truth = groundTruth[truths.image[i]!]!;
    const area = truth.area ? truth.area[index]! : sideProduct(truth.boxes, index * 4);
    areaRanges.forEach(([low, high], a) => {
      if (truth.crowd?.[index] || area < low || area > high) ignored[a]![i] = 1;
    });
  });
  return ignored;
}

/** Outcomes before any match: false where the detection is of the right size, else ignored. */
function unmatchedOutcomes(input: ClassInput, order: Int32Array, parameters: CocoParameters): Uint8Array {
  const { detections, found } = input;
  const { areaRanges, iouThresholds } = parameters;
  const thresholds = iouThresholds.length;
  const outcomes = new Uint8Array(areaRanges.length * thresholds * order.length).fill(FALSE_POSITIVE);
  order.forEach((i, position) => {
    const area = sideProduct(detections[found.image[i]!]!.boxes, found.index[i]! * 4);
    for (let a = 0; a < areaRanges.length; a++) {
      const [low, high] = areaRanges[a]!;
      if (area >= low && area <= high) continue;
      for (let t = 0; t < thresholds; t++) outcomes[(a * thresholds + t) * order.length + position] = IGNORED;
    }
  });
  return outcomes;
}

/** Each image's detections by descending score, as positions in the class's order and as indices in the image. */
function listByImage({ found }: ClassInput, order: Int32Array, ranks: Int32Array, starts: Int32Array) {
  const positions = new Int32Array(found.index.length);
  const indices = new Int32Array(found.index.length);
  order.forEach((i, position) => {
    const at = starts[found.image[i]!]! + ranks[position]!;
    positions[at] = position;
    indices[at] = found.index[i]!;
  });
  return { positions, indices };
}

/** The truths and detections of one class in one image, under every area range and threshold. */
function matchImage(
  matcher: ImageMatcher,
  { ignored, positions }: { ignored: Uint8Array[]; positions: Int32Array },
  { iouThresholds }: CocoParameters,
  { outcomes, count }: { outcomes: Uint8Array; count: number },
): void {
  ignored.forEach((ignoredHere, a) => {
    matcher.orderTruths(ignoredHere);
    for (let t = 0; t < iouThresholds.length; t++) {
      const row = (a * iouThresholds.length + t) * count;
      matcher.match(iouThresholds[t]!, positions, outcomes.subarray(row, row + count));
    }
  });
}

/** Greedy matching of one class in all images (pycocotools' `evaluateImg`). */
export function matchClass(input: ClassInput, parameters: CocoParameters): ClassMatches {
  const { groundTruth, detections, truths, found } = input;
  const maxDetections = parameters.maxDets.at(-1)!;
  const { order, ranks, scores } = rankDetections(input);
  const count = order.length;
  const outcomes = unmatchedOutcomes(input, order, parameters);
  const ignored = ignoredTruths(input, parameters); // one row an area range
  const truthStarts = imageStarts(truths, groundTruth.length);
  const foundStarts = imageStarts(found, detections.length);
  const { positions, indices } = listByImage(input, order, ranks, foundStarts);
  const matcher = new ImageMatcher(Math.min(count, maxDetections), largestStep(truthStarts));
  groundTruth.forEach((truth, image) => {
    const [from, to] = [truthStarts[image]!, truthStarts[image + 1]!];
    const start = foundStarts[image]!;
    // the rest cannot take a truth, and `accumulateClass` leaves it out
    const end = Math.min(foundStarts[image + 1]!, start + maxDetections);
    if (from === to || start === end) return;
    matcher.load(truth, truths.index.subarray(from, to), detections[image]!, indices.subarray(start, end));
    const here = {
      ignored: ignored.map((row) => row.subarray(from, to)),
      positions: positions.subarray(start, end),
    };
    matchImage(matcher, here, parameters, { outcomes, count });
  });
  const numTruths = Int32Array.from(ignored, (row) => row.filter((value) => value === 0).length);
  return { scores, ranks, outcomes, numTruths };
}

function largestStep(starts: Int32Array): number {
  return starts.reduce((largest, start, i) => Math.max(largest, i > 0 ? start - starts[i - 1]! : 0), 0);
}
