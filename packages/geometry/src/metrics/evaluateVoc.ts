import { checkFraction } from '../checks';
import { descendingOrder } from '../descendingOrder';
import { pairIou } from '../pair';
import type { Detections, GroundTruth } from '../types';
import { groupByClass, imageStarts, type ClassObjects } from './groupByClass';
import { checkEvaluation } from './inputs';
import {
  averagePrecision,
  precisionRecallCurve,
  type Interpolation,
  type PrecisionRecallCurve,
} from './precisionRecallCurve';

export interface VocOptions {
  /** Number of classes K, background not counted. @default the largest label that occurs */
  numClasses?: number;
  /** Overlap that counts as found. @default 0.5, PASCAL's */
  iouThreshold?: number;
  /** @default 'area', VOC 2010 and later; '11-point' is VOC 2007 */
  interpolation?: Interpolation;
  /** Whether an overlap equal to the threshold counts. @default '>=', the devkit; '>' is py-faster-rcnn's voc_eval */
  match?: '>=' | '>';
}

export interface VocClassResult {
  /** 1…K */
  label: number;
  /** NaN for a class without truths. */
  ap: number;
  /** Truths that are not difficult. */
  numTruths: number;
  /** Detections of this class, those on difficult truths too. */
  numDetections: number;
  truePositives: number;
  falsePositives: number;
  /** Without the detections on difficult truths. */
  curve: PrecisionRecallCurve;
}

export interface VocResult {
  /** Mean of `ap` over the classes with truths; NaN where no class has any. */
  mAP: number;
  /** `[K]`, label k at k − 1 */
  perClass: VocClassResult[];
}

/** What one class is evaluated on. */
interface ClassImages {
  groundTruth: readonly GroundTruth[];
  detections: readonly Detections[];
  truths: ClassObjects;
  /** `[numImages + 1]`, into `truths` */
  starts: Int32Array;
  found: ClassObjects;
}

/** Position in `truths` of the truth that overlaps a detection most, −1 where none reaches the threshold. */
function bestTruth(input: ClassImages, detection: number, options: Required<VocOptions>): number {
  const { groundTruth, detections, truths, starts, found } = input;
  const image = found.image[detection]!;
  const { boxes } = detections[image]!;
  let best = -1;
  let bestIou = 0; // boxes that do not touch never match, whatever the threshold
  for (let t = starts[image]!; t < starts[image + 1]!; t++) {
    const iou = pairIou(boxes, found.index[detection]! * 4, groundTruth[image]!.boxes, truths.index[t]! * 4);
    if (iou > bestIou) {
      bestIou = iou;
      best = t;
    }
  }
  const { match, iouThreshold } = options;
  return (match === '>' ? bestIou > iouThreshold : bestIou >= iouThreshold) ? best : -1;
}

/** Scores of a class's detections and which are true, by descending score, without those on difficult truths. */
function judge(
  input: ClassImages,
  options: Required<VocOptions>,
): { scores: number[]; truePositive: number[] } {
  const { groundTruth, detections, truths, found } = input;
  const scores = Float32Array.from(found.index, (index, i) => detections[found.image[i]!]!.scores[index]!);
  const taken = new Uint8Array(truths.index.length);
  const judged: { scores: number[]; truePositive: number[] } = { scores: [], truePositive: [] };
  for (const detection of descendingOrder(scores)) {
    const t = bestTruth(input, detection, options);
    if (t >= 0 && groundTruth[truths.image[t]!]!.difficult?.[truths.index[t]!]) continue;
    judged.scores.push(scores[detection]!);
    judged.truePositive.push(t >= 0 && taken[t] === 0 ? 1 : 0);
    if (t >= 0) taken[t] = 1;
  }
  return judged;
}

function evaluateClass(label: number, input: ClassImages, options: Required<VocOptions>): VocClassResult {
  const { groundTruth, truths, found } = input;
  const difficult = truths.index.filter((index, i) => groundTruth[truths.image[i]!]!.difficult?.[index]);
  const numTruths = truths.index.length - difficult.length;
  const { scores, truePositive } = judge(input, options);
  const truePositives = truePositive.reduce((a, b) => a + b, 0);
  const curve = precisionRecallCurve(Float32Array.from(scores), Uint8Array.from(truePositive), numTruths);
  return {
    label,
    ap: numTruths > 0 ? averagePrecision(curve, options.interpolation) : NaN,
    numTruths,
    numDetections: found.index.length,
    truePositives,
    falsePositives: truePositive.length - truePositives,
    curve,
  };
}

/**
 * PASCAL VOC's average precision (VOCevaldet.m): detections by descending score over all images, each matched with the
 * truth of its image and class that it overlaps most; the first on a truth is true, later ones are false; one on a
 * `difficult` truth is neither, and such a truth is not counted. Equal scores go by image, then by index.
 *
 * @param groundTruth one entry per image
 * @param detections one entry per image, in the same order; need not be sorted
 * @throws RangeError for labels outside 1…K, NaN scores, coordinates that are not finite, lengths that do not match
 */
export function evaluateVoc(
  groundTruth: readonly GroundTruth[],
  detections: readonly Detections[],
  { numClasses, iouThreshold = 0.5, interpolation = 'area', match = '>=' }: VocOptions = {},
): VocResult {
  const count = checkEvaluation('evaluateVoc', groundTruth, detections, numClasses);
  checkFraction('evaluateVoc', 'iouThreshold', iouThreshold);
  const options = { numClasses: count, iouThreshold, interpolation, match };
  const found = groupByClass(detections, count);
  const perClass = groupByClass(groundTruth, count).map((truths, k) => {
    const starts = imageStarts(truths, groundTruth.length);
    return evaluateClass(k + 1, { groundTruth, detections, truths, starts, found: found[k]! }, options);
  });
  const aps = perClass.filter(({ numTruths }) => numTruths > 0).map(({ ap }) => ap);
  return { mAP: aps.reduce((a, b) => a + b, 0) / aps.length, perClass };
}
