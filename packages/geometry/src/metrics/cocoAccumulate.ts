import type { ClassMatches, CocoParameters } from './cocoMatch';
import { FALSE_POSITIVE, TRUE_POSITIVE } from './outcomes';

/** COCO's tables; −1 where a class has no truth in the area range. */
export interface CocoTables {
  /** `[T, R, K, A, M]`: precision at the first score whose recall reaches the recall threshold, 0 beyond the last */
  precision: Float64Array;
  /** `[T, K, A, M]`: recall of all the detections */
  recall: Float64Array;
  /** `[T, R, K, A, M]`: the score there */
  scores: Float64Array;
}

/** What one class, area range, threshold and number of detections accumulate from. */
interface Row {
  /** `[n]`, one of FALSE_POSITIVE, TRUE_POSITIVE, IGNORED */
  outcomes: Uint8Array;
  /** `[n]` */
  scores: Float32Array;
  /** Positions to count, rising. */
  selected: Int32Array;
  numTruths: number;
}

/** Room for one row's points, reused. Only a true positive raises recall or precision, so there is one point for each. */
interface Points {
  precision: Float64Array;
  scores: Float32Array;
}

/** Fills in precision after each true positive, made to fall from left to right; returns their number. */
function tracePoints({ outcomes, scores, selected }: Row, points: Points): number {
  let truePositives = 0;
  let falsePositives = 0;
  for (let i = 0; i < selected.length; i++) {
    const outcome = outcomes[selected[i]!];
    if (outcome === FALSE_POSITIVE) falsePositives++;
    if (outcome !== TRUE_POSITIVE) continue;
    points.scores[truePositives] = scores[selected[i]!]!;
    truePositives++;
    // pycocotools adds numpy's spacing(1) to the divisor
    points.precision[truePositives - 1] = truePositives / (falsePositives + truePositives + Number.EPSILON);
  }
  for (let i = truePositives - 1; i > 0; i--) {
    if (points.precision[i]! > points.precision[i - 1]!) points.precision[i - 1] = points.precision[i]!;
  }
  return truePositives;
}

/** Empty tables for K classes. */
export function createTables(parameters: CocoParameters, numClasses: number): CocoTables {
  const { iouThresholds, recallThresholds, areaRanges, maxDets } = parameters;
  const size = iouThresholds.length * numClasses * areaRanges.length * maxDets.length;
  return {
    precision: new Float64Array(size * recallThresholds.length).fill(-1),
    recall: new Float64Array(size).fill(-1),
    scores: new Float64Array(size * recallThresholds.length).fill(-1),
  };
}

/** Writes one row into the tables. `column`: place in [K, A, M]; `stride`: size of [K, A, M]. */
function writeRow(
  tables: CocoTables,
  row: Row,
  points: Points,
  recallThresholds: Float64Array,
  place: { t: number; column: number; stride: number },
): void {
  const truePositives = tracePoints(row, points);
  const { t, column, stride } = place;
  tables.recall[t * stride + column] = truePositives / row.numTruths;
  let point = 0;
  for (let r = 0; r < recallThresholds.length; r++) {
    const threshold = recallThresholds[r]!;
    const at = (t * recallThresholds.length + r) * stride + column;
    while (point < truePositives && (point + 1) / row.numTruths < threshold) point++;
    const reached = point < truePositives;
    tables.precision[at] = reached ? points.precision[point]! : 0;
    tables.scores[at] = reached ? points.scores[point]! : 0;
    // a recall of 0 is reached by the very first detection, whatever its outcome
    if (threshold <= 0 && row.selected.length > 0) tables.scores[at] = row.scores[row.selected[0]!]!;
  }
}

/** Enters class `k` into the tables (pycocotools' `accumulate`). */
export function accumulateClass(
  tables: CocoTables,
  { scores, ranks, outcomes, numTruths }: ClassMatches,
  { iouThresholds, recallThresholds, areaRanges, maxDets }: CocoParameters,
  { k, numClasses }: { k: number; numClasses: number },
): void {
  const stride = numClasses * areaRanges.length * maxDets.length;
  const everyPosition = Int32Array.from(ranks, (_, position) => position);
  const selections = maxDets.map((limit) => everyPosition.filter((position) => ranks[position]! < limit));
  const points: Points = {
    precision: new Float64Array(ranks.length),
    scores: new Float32Array(ranks.length),
  };
  for (let a = 0; a < areaRanges.length; a++) {
    if (numTruths[a] === 0) continue;
    for (let t = 0; t < iouThresholds.length; t++) {
      const start = (a * iouThresholds.length + t) * ranks.length;
      const rowOutcomes = outcomes.subarray(start, start + ranks.length);
      selections.forEach((selected, m) => {
        const row = { outcomes: rowOutcomes, scores, selected, numTruths: numTruths[a]! };
        const column = (k * areaRanges.length + a) * maxDets.length + m;
        writeRow(tables, row, points, recallThresholds, { t, column, stride });
      });
    }
  }
}
