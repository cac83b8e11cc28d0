import { checkChoice, checkMeasuredScores } from '../checks';
import { descendingOrder } from '../descendingOrder';

/** One point after each detection, by descending score. */
export interface PrecisionRecallCurve {
  /** `[n]`: true positives among the detections so far */
  precision: Float64Array;
  /** `[n]`: truths found so far; rises from first to last */
  recall: Float64Array;
  /** `[n]`: score of the detection, the threshold that gives this point */
  scores: Float64Array;
}

/** How precision is interpolated: VOC 2007's 11 recalls, or the area under the envelope (VOC 2010 and later). */
export type Interpolation = '11-point' | 'area';

/**
 * Precision and recall of one class as its score threshold falls. Equal scores keep their order.
 *
 * @param scores `[n]`
 * @param truePositive `[n]`, 1 where the detection found a truth of its own, 0 where not
 * @param numTruths number of truths; with 0 of them recall is NaN
 */
export function precisionRecallCurve(
  scores: Float32Array | Float64Array,
  truePositive: Uint8Array,
  numTruths: number,
): PrecisionRecallCurve {
  const count = truePositive.length;
  checkMeasuredScores('precisionRecallCurve', scores, count);
  const curve: PrecisionRecallCurve = {
    precision: new Float64Array(count),
    recall: new Float64Array(count),
    scores: new Float64Array(count),
  };
  let found = 0;
  descendingOrder(scores).forEach((index, i) => {
    found += truePositive[index]!;
    curve.precision[i] = found / (i + 1);
    curve.recall[i] = found / numTruths;
    curve.scores[i] = scores[index]!;
  });
  return curve;
}

/** Mean over recalls 0, 0.1 … 1 of the best precision at that recall or beyond (VOCdevkit 2007, VOCevaldet.m). */
function elevenPoint({ precision, recall }: PrecisionRecallCurve): number {
  let sum = 0;
  for (let point = 0; point <= 10; point++) {
    const first = recall.findIndex((value) => value >= point / 10);
    if (first >= 0) sum += precision.subarray(first).reduce((a, b) => Math.max(a, b), 0);
  }
  return sum / 11;
}

/** Area under precision's running maximum from the right (VOCdevkit 2010, xVOCap.m). */
function areaUnderEnvelope({ precision, recall }: PrecisionRecallCurve): number {
  let area = 0;
  let envelope = 0;
  for (let i = recall.length - 1; i >= 0; i--) {
    envelope = Math.max(envelope, precision[i]!);
    area += (recall[i]! - (i > 0 ? recall[i - 1]! : 0)) * envelope;
  }
  return area;
}

export function checkInterpolation(caller: string, interpolation: Interpolation): void {
  checkChoice(caller, 'interpolation', interpolation, ['11-point', 'area']);
}

/** Average precision of a curve, in [0, 1]; 0 for a curve without points. */
export function averagePrecision(curve: PrecisionRecallCurve, interpolation: Interpolation): number {
  checkInterpolation('averagePrecision', interpolation);
  return interpolation === '11-point' ? elevenPoint(curve) : areaUnderEnvelope(curve);
}
