import type { BoxFormat } from '../boxConvert';
import { checkChoice, checkFraction, checkList } from '../checks';
import { descendingOrder } from '../descendingOrder';
import type { MeasuredDetections, MeasuredTruth } from '../types';
import { CocoCurves, type CountedDetection } from './cocoCurves';
import { flattenDetections, flattenTruths, type FlatDetections, type FlatTruths } from './cocoInput';
import { CocoMatcher, MOST_THRESHOLDS } from './cocoMatch';
import { summarize, type CocoClassResult, type CocoStats } from './cocoSummarize';
import { createTables, type CocoParameters, type CocoTables } from './cocoTables';
import { checkEvaluation } from './inputs';

export interface CocoOptions {
  /** Number of classes K, background not counted. @default the largest label that occurs */
  numClasses?: number;
  /** `[T]`, each in [0, 1]. @default 0.5, 0.55 … 0.95, COCO's */
  iouThresholds?: ArrayLike<number>;
  /** Three rising limits on the detections of one class in one image. @default [1, 10, 100], COCO's */
  maxDets?: readonly [number, number, number];
  /**
   * Format of the truths' and the detections' boxes. @default 'xyxy'. 'xywh' is that of COCO's files: sides as a file has
   * them, which differences of float64 corners are not always
   */
  boxFormat?: Exclude<BoxFormat, 'cxcywh'>;
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

function checkOptions({
  iouThresholds,
  maxDets,
  boxFormat,
}: Required<Omit<CocoOptions, 'numClasses'>>): void {
  if (typeof iouThresholds.length !== 'number')
    throw new TypeError(
      `evaluateCoco: iouThresholds must be a Float64Array or an array, got ${String(iouThresholds)}`,
    );
  for (let t = 0; t < iouThresholds.length; t++)
    checkFraction('evaluateCoco', 'iouThresholds', iouThresholds[t]!);
  checkChoice('evaluateCoco', 'boxFormat', boxFormat, ['xyxy', 'xywh']);
  checkList('evaluateCoco', 'maxDets', maxDets, '3 rising limits');
  const rising = maxDets.every((limit, m) => Number.isInteger(limit) && limit > (maxDets[m - 1] ?? 0));
  if (maxDets.length !== 3 || !rising) {
    throw new RangeError(`evaluateCoco: maxDets must be 3 rising whole numbers, got [${maxDets.join(', ')}]`);
  }
}

interface CocoInput {
  truths: FlatTruths;
  detections: FlatDetections;
  numImages: number;
  numClasses: number;
}

/** `[A]`: truths of class k that are counted. */
function countTruths({ starts, ignored }: FlatTruths, k: number): Int32Array {
  const counts = new Int32Array(AREA_RANGES.length);
  for (let t = starts[k]!; t < starts[k + 1]!; t++) {
    for (let a = 0; a < counts.length; a++) counts[a]! += 1 - ((ignored[t]! >> a) & 1);
  }
  return counts;
}

/** Enters every class under the parameters' IoU thresholds, which are those of the tables from `firstThreshold` on. */
function fillTables(
  tables: CocoTables,
  input: CocoInput,
  parameters: CocoParameters,
  firstThreshold: number,
): void {
  const { truths, detections, numImages, numClasses } = input;
  const { maxDets, iouThresholds } = parameters;
  const matcher = new CocoMatcher(detections, truths, {
    iouThresholds,
    numAreas: AREA_RANGES.length,
    numImages,
  });
  const curves = new CocoCurves(parameters);
  const seen = new Int32Array(numImages); // detections of the class so far
  const counted: CountedDetection = { score: 0, limit: 0, inside: 0 }; // one for all, reused
  for (let k = 0; k < numClasses; k++) {
    matcher.startClass(k);
    curves.startClass(countTruths(truths, k));
    seen.fill(0);
    const start = detections.starts[k]!;
    for (const i of descendingOrder(detections.scores.subarray(start, detections.starts[k + 1]))) {
      const detection = start + i;
      const limit = maxDets.findIndex((most) => seen[detections.image[detection]!]! < most);
      if (limit < 0) continue;
      seen[detections.image[detection]!]!++;
      counted.score = detections.scores[detection]!;
      counted.limit = limit;
      counted.inside = detections.inside[detection]!;
      curves.count(counted);
      if (!matcher.match(detection)) continue;
      for (let a = 0; a < AREA_RANGES.length; a++) {
        curves.countMatches(counted, a, matcher.found[a]!, matcher.ignored[a]!);
      }
    }
    curves.write(tables, { k, numClasses, firstThreshold });
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
  groundTruth: readonly MeasuredTruth[],
  detections: readonly MeasuredDetections[],
  {
    numClasses,
    iouThresholds: thresholds = linspace(0.5, 0.95, 10),
    maxDets = [1, 10, 100],
    boxFormat = 'xyxy',
  }: CocoOptions = {},
): CocoResult {
  const count = checkEvaluation('evaluateCoco', groundTruth, detections, numClasses);
  checkOptions({ iouThresholds: thresholds, maxDets, boxFormat });
  const iouThresholds = Float64Array.from(thresholds);
  const parameters: CocoParameters = {
    iouThresholds,
    recallThresholds: linspace(0, 1, 101),
    areaRanges: AREA_RANGES,
    maxDets,
  };
  const tables = createTables(parameters, count);
  const flattening = { numClasses: count, boxFormat, areaRanges: AREA_RANGES };
  const input: CocoInput = {
    truths: flattenTruths(groundTruth, flattening),
    detections: flattenDetections(detections, flattening),
    numImages: groundTruth.length,
    numClasses: count,
  };
  for (let t = 0; t < iouThresholds.length; t += MOST_THRESHOLDS) {
    fillTables(
      tables,
      input,
      { ...parameters, iouThresholds: iouThresholds.subarray(t, t + MOST_THRESHOLDS) },
      t,
    );
  }
  return {
    ...tables,
    ...summarize(tables, parameters, count),
    counts: [iouThresholds.length, parameters.recallThresholds.length, count, AREA_RANGES.length, 3],
  };
}
