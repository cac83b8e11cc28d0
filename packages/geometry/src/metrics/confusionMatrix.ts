import { checkFraction, checkNumber } from '../checks';
import { crowdOverlap, pairIou } from '../pair';
import type { MeasuredDetections, MeasuredTruth } from '../types';
import { checkEvaluation } from './inputs';
import { isIgnored } from './outcomes';

export interface ConfusionMatrixOptions {
  /** Number of classes K, background not counted. @default the largest label that occurs */
  numClasses?: number;
  /** Least overlap of a detection with its truth. @default 0.5, PASCAL's */
  iouThreshold?: number;
  /** Detections with a score below this are left out. @default 0.25, as Ultralytics' matrix */
  scoreThreshold?: number;
}

export interface ConfusionMatrix {
  /**
   * `[K + 1, K + 1]`, row: label of the truth, column: label of the detection. Row 0 counts detections without a truth,
   * column 0 truths without a detection.
   */
  matrix: Uint32Array;
  numClasses: number;
}

/** A truth and a detection that overlap enough, by position in the image's arrays. */
interface Pair {
  truth: number;
  detection: number;
  /** For a crowd the share of the detection inside. */
  iou: number;
}

function overlappingPairs(
  truth: MeasuredTruth,
  found: MeasuredDetections,
  options: Required<ConfusionMatrixOptions>,
): Pair[] {
  const pairs: Pair[] = [];
  for (let detection = 0; detection < found.labels.length; detection++) {
    if (found.scores[detection]! < options.scoreThreshold) continue;
    for (let i = 0; i < truth.labels.length; i++) {
      const overlap = truth.crowd?.[i] ? crowdOverlap : pairIou;
      const iou = overlap(truth.boxes, 4 * i, found.boxes, 4 * detection);
      if (iou > 0 && iou >= options.iouThreshold) pairs.push({ truth: i, detection, iou });
    }
  }
  return pairs;
}

/** Pairs off truths and detections by falling IoU, whatever their labels; truths to be ignored only get what is left. */
function pairOff(truth: MeasuredTruth, pairs: Pair[]): { truths: Map<number, number>; used: Set<number> } {
  const truths = new Map<number, number>();
  const used = new Set<number>();
  const ignored = (pair: Pair): number => Number(isIgnored(truth, pair.truth));
  for (const pair of pairs.sort((a, b) => ignored(a) - ignored(b) || b.iou - a.iou)) {
    if (used.has(pair.detection)) continue;
    if (ignored(pair) === 0 && truths.has(pair.truth)) continue;
    used.add(pair.detection);
    if (ignored(pair) === 0) truths.set(pair.truth, pair.detection);
  }
  return { truths, used };
}

/**
 * Counts which class each truth was detected as. In each image truths and detections are paired off one to one by
 * falling IoU, whatever their labels. A difficult truth or a crowd is not counted, nor are detections only it explains.
 *
 * @param groundTruth one entry per image
 * @param detections one entry per image, in the same order
 * @throws RangeError for labels outside 1…K, NaN scores, coordinates that are not finite, lengths that do not match
 */
export function confusionMatrix(
  groundTruth: readonly MeasuredTruth[],
  detections: readonly MeasuredDetections[],
  { numClasses, iouThreshold = 0.5, scoreThreshold = 0.25 }: ConfusionMatrixOptions = {},
): ConfusionMatrix {
  const count = checkEvaluation('confusionMatrix', groundTruth, detections, numClasses);
  checkFraction('confusionMatrix', 'iouThreshold', iouThreshold);
  checkNumber('confusionMatrix', 'scoreThreshold', scoreThreshold);
  const options = { numClasses: count, iouThreshold, scoreThreshold };
  const matrix = new Uint32Array((count + 1) ** 2);
  groundTruth.forEach((truth, image) => {
    const found = detections[image]!;
    const { truths, used } = pairOff(truth, overlappingPairs(truth, found, options));
    truth.labels.forEach((label, i) => {
      if (isIgnored(truth, i)) return;
      const detection = truths.get(i);
      matrix[label * (count + 1) + (detection === undefined ? 0 : found.labels[detection]!)]!++;
    });
    found.labels.forEach((label, i) => {
      if (found.scores[i]! >= scoreThreshold && !used.has(i)) matrix[label]!++;
    });
  });
  return { matrix, numClasses: count };
}
