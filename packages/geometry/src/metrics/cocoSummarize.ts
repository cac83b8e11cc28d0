import type { CocoParameters, CocoTables } from './cocoTables';

/** Average precision and recall as pycocotools prints them; −1 where no class has a truth of that size. */
export interface CocoStats {
  /** Mean over IoU .50:.05:.95 */
  AP: number;
  AP50: number;
  AP75: number;
  /** Small: area at most 32² */
  APs: number;
  /** Medium: 32² to 96² */
  APm: number;
  /** Large: at least 96² */
  APl: number;
  /** With 1 detection an image and class, and so on (`maxDets`) */
  AR1: number;
  AR10: number;
  AR100: number;
  ARs: number;
  ARm: number;
  ARl: number;
}

/** One class's part of the means, over all areas and the most detections; −1 for a class without truths. */
export interface CocoClassResult {
  /** 1…K */
  label: number;
  AP: number;
  AP50: number;
  AP75: number;
  AR: number;
}

/** Which entries of a table a mean is over; everything where left out. */
interface Selection {
  iouThreshold?: number;
  k?: number;
  a: number;
  m: number;
}

const ALL = 0;
const SMALL = 1;
const MEDIUM = 2;
const LARGE = 3;

/**
 * `[T, R, K, A, M]` → `[T, K, A, M]`: each curve's mean over its recalls, −1 where there is no curve. Every mean of
 * precisions is one of these; they are taken in one pass over the large table.
 */
function meanOverRecalls(table: Float64Array, numThresholds: number, numRecalls: number): Float64Array {
  const stride = table.length / (numThresholds * numRecalls);
  const means = new Float64Array(numThresholds * stride);
  for (let t = 0, at = 0; t < numThresholds; t++) {
    for (let r = 0; r < numRecalls; r++) {
      for (let c = t * stride; c < (t + 1) * stride; c++, at++) means[c]! += table[at]!;
    }
  }
  return means.map((sum) => sum / numRecalls);
}

/** Mean of a `[T, K, A, M]` table's entries that are not −1; −1 where there are none. */
function meanOf(
  table: Float64Array,
  { iouThresholds, areaRanges, maxDets }: CocoParameters,
  { iouThreshold, k, a, m }: Selection,
): number {
  const perClass = areaRanges.length * maxDets.length;
  const numClasses = table.length / (iouThresholds.length * perClass);
  const [firstClass, endClass] = k === undefined ? [0, numClasses] : [k, k + 1];
  let sum = 0;
  let count = 0;
  iouThresholds.forEach((threshold, t) => {
    if (iouThreshold !== undefined && threshold !== iouThreshold) return;
    for (let c = firstClass; c < endClass; c++) {
      const value = table[(t * numClasses + c) * perClass + a * maxDets.length + m]!;
      if (value < 0) continue;
      sum += value;
      count++;
    }
  });
  return count > 0 ? sum / count : -1;
}

/** pycocotools' `summarize`, of all classes and of each; AP50 and AP75 are −1 where those thresholds were not asked for. */
export function summarize(
  tables: CocoTables,
  parameters: CocoParameters,
  numClasses: number,
): { stats: CocoStats; perClass: CocoClassResult[] } {
  const { iouThresholds, recallThresholds, maxDets } = parameters;
  const most = maxDets.length - 1;
  const curves = meanOverRecalls(tables.precision, iouThresholds.length, recallThresholds.length);
  const precision = (a: number, iouThreshold?: number, k?: number): number =>
    meanOf(curves, parameters, { iouThreshold, k, a, m: most });
  const recall = (a: number, m: number, k?: number): number => meanOf(tables.recall, parameters, { k, a, m });
  const stats = {
    AP: precision(ALL),
    AP50: precision(ALL, 0.5),
    AP75: precision(ALL, 0.75),
    APs: precision(SMALL),
    APm: precision(MEDIUM),
    APl: precision(LARGE),
    AR1: recall(ALL, 0),
    AR10: recall(ALL, 1),
    AR100: recall(ALL, most),
    ARs: recall(SMALL, most),
    ARm: recall(MEDIUM, most),
    ARl: recall(LARGE, most),
  };
  const perClass = Array.from({ length: numClasses }, (_, k) => ({
    label: k + 1,
    AP: precision(ALL, undefined, k),
    AP50: precision(ALL, 0.5, k),
    AP75: precision(ALL, 0.75, k),
    AR: recall(ALL, most, k),
  }));
  return { stats, perClass };
}
