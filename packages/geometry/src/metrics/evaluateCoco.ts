import { checkFraction } from '../checks';
import type { Detections, GroundTruth } from '../types';
import { accumulateClass, createTables, type CocoTables } from './cocoAccumulate';
import { matchClass, type CocoParameters } from './cocoMatch';
import { summarize, summarizeClass, type CocoClassResult, type CocoStats } from './cocoSummarize';
import { groupByClass } from './groupByClass';
import { checkEvaluation } from './inputs';

export interface CocoOptions {
  /** Number of classes K, background not counted. @default the largest label that occurs */
  numClasses?: number;
  /** `[T]`, each in [0, 1]. @default 0.5, 0.55 … 0.95, COCO's */
  iouThresholds?: Float64Array;
  /** Three rising limits on the detections of one class in one image. @default [1, 10, 100], COCO's */
  maxDets?: readonly [number, number, number];
}

export interface CocoResult extends CocoTables {
  /** The 12 numbers that pycocotools prints; −1 where there was nothing to measure. */
  stats: CocoStats;
  /** `[K]`, label k at k − 1 */
  perClass: CocoClassResult[];
  /** Lengths of the tables' axes: [T, R, K, A, M]. */
  counts: [number, number, number, number, number];
}

/** All, small, medium, large: square pixels, both ends included (cocoeval.py). */
const AREA_RANGES = [
  [0, 1e5 ** 2],
  [0, 32 ** 2],
  [32 ** 2, 96 ** 2],
  [96 ** 2, 1e5 ** 2],
] as const;

/** Exactly numpy's `linspace(start, stop, count)`: a recall or an IoU may equal one of its numbers. */
function linspace(start: number, stop: number, count: number): Float64Array {
  const step = (stop - start) / (count - 1);
  return Float64Array.from({ length: count }, (_, i) => (i === count - 1 ? stop : start + i * step));
}

function checkOptions(iouThresholds: Float64Array, maxDets: readonly number[]): void {
  iouThresholds.forEach((threshold) => checkFraction('evaluateCoco', 'iouThresholds', threshold));
  const rising = maxDets.every((limit, m) => Number.isInteger(limit) && limit > (maxDets[m - 1] ?? 0));
  if (maxDets.length !== 3 || !rising) {
    throw new RangeError(`evaluateCoco: maxDets must be 3 rising whole numbers, got [${maxDets.join(', ')}]`);
  }
}

/**
 * COCO's detection metrics for boxes, as pycocotools' `COCOeval(gt, dt, 'bbox')` computes them from the same numbers:
 * every rule of `evaluateImg` and `accumulate`, in float64. Equal scores go by image, then by index. (One thing of
 * pycocotools is not repeated: it takes a match with the annotation of id 0 for no match.)
 *
 * @param groundTruth one entry per image; `crowd` and `area` count, `difficult` does not
 * @param detections one entry per image, in the same order; need not be sorted
 * @throws RangeError for labels outside 1…K, NaN scores, coordinates that are not finite, lengths that do not match
 */
export function evaluateCoco(
  groundTruth: readonly GroundTruth[],
  detections: readonly Detections[],
  { numClasses, iouThresholds = linspace(0.5, 0.95, 10), maxDets = [1, 10, 100] }: CocoOptions = {},
): CocoResult {
  const count = checkEvaluation('evaluateCoco', groundTruth, detections, numClasses);
  checkOptions(iouThresholds, maxDets);
  const parameters: CocoParameters = {
    iouThresholds,
    recallThresholds: linspace(0, 1, 101),
    areaRanges: AREA_RANGES,
    maxDets,
  };
  const tables = createTables(parameters, count);
  const found = groupByClass(detections, count);
  groupByClass(groundTruth, count).forEach((truths, k) => {
    const matches = matchClass({ groundTruth, detections, truths, found: found[k]! }, parameters);
    accumulateClass(tables, matches, parameters, { k, numClasses: count });
  });
  return {
    ...tables,
    stats: summarize(tables, parameters, count),
    perClass: Array.from({ length: count }, (_, k) => summarizeClass(tables, parameters, count, k)),
    counts: [iouThresholds.length, parameters.recallThresholds.length, count, AREA_RANGES.length, 3],
  };
}
