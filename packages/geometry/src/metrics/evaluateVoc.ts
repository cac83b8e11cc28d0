import { checkChoice, checkFraction } from '../checks';
import type { MeasuredDetections, MeasuredTruth } from '../types';
import { groupByClass, type ClassObjects } from './groupByClass';
import { checkEvaluation } from './inputs';
import { matchImage, type MatchDetectionsOptions } from './matchDetections';
import { IGNORED, isIgnored, TRUE_POSITIVE } from './outcomes';
import {
  averagePrecision,
  checkInterpolation,
  precisionRecallCurve,
  type Interpolation,
  type PrecisionRecallCurve,
} from './precisionRecallCurve';

export interface VocOptions extends MatchDetectionsOptions {
  /** Number of classes K, background not counted. @default the largest label that occurs */
  numClasses?: number;
  /** @default 'area', VOC 2010 and later; '11-point' is VOC 2007 */
  interpolation?: Interpolation;
}

export interface VocClassResult {
  /** 1…K */
  label: number;
  /** NaN for a class without truths. */
  ap: number;
  /** Truths that are neither difficult nor crowds. */
  numTruths: number;
  /** Detections of this class, those on truths that are not counted too. */
  numDetections: number;
  truePositives: number;
  falsePositives: number;
  /** Without the detections on truths that are not counted. */
  curve: PrecisionRecallCurve;
}

export interface VocResult {
  /** Mean of `ap` over the classes with truths; NaN where no class has any. */
  mAP: number;
  /** `[K]`, label k at k − 1 */
  perClass: VocClassResult[];
}

/** Scores of a class's detections that count, and which of them are true; the curve sorts them. */
function judge({ image, index }: ClassObjects, images: ImageResults[]) {
  const scores: number[] = [];
  const truePositive: number[] = [];
  index.forEach((i, at) => {
    const { detections, outcomes } = images[image[at]!]!;
    if (outcomes[i] === IGNORED) return;
    scores.push(detections.scores[i]!);
    truePositive.push(Number(outcomes[i] === TRUE_POSITIVE));
  });
  return { scores: Float64Array.from(scores), truePositive: Uint8Array.from(truePositive) };
}

/** The detections of one image and what became of them. */
interface ImageResults {
  detections: MeasuredDetections;
  outcomes: Uint8Array;
}

interface ClassInput {
  label: number;
  numTruths: number;
  found: ClassObjects;
}

function evaluateClass(
  { label, numTruths, found }: ClassInput,
  images: ImageResults[],
  interpolation: Interpolation,
): VocClassResult {
  const { scores, truePositive } = judge(found, images);
  const truePositives = truePositive.reduce((a, b) => a + b, 0);
  const curve = precisionRecallCurve(scores, truePositive, numTruths);
  return {
    label,
    ap: numTruths > 0 ? averagePrecision(curve, interpolation) : NaN,
    numTruths,
    numDetections: found.index.length,
    truePositives,
    falsePositives: truePositive.length - truePositives,
    curve,
  };
}

/**
 * PASCAL VOC's average precision (VOCevaldet.m): the detections of all images by descending score, each right, wrong or
 * neither as `matchDetections` has it. Difficult truths and crowds are not counted. Equal scores go by image, then by
 * index.
 *
 * @param groundTruth one entry per image
 * @param detections one entry per image, in the same order; need not be sorted
 * @throws RangeError for labels outside 1…K, NaN scores, coordinates that are not finite, lengths that do not match
 */
export function evaluateVoc(
  groundTruth: readonly MeasuredTruth[],
  detections: readonly MeasuredDetections[],
  { numClasses, iouThreshold = 0.5, interpolation = 'area', match = '>=' }: VocOptions = {},
): VocResult {
  const count = checkEvaluation('evaluateVoc', groundTruth, detections, numClasses);
  checkFraction('evaluateVoc', 'iouThreshold', iouThreshold);
  checkChoice('evaluateVoc', 'match', match, ['>=', '>']);
  checkInterpolation('evaluateVoc', interpolation);
  const images = groundTruth.map((truth, image) => {
    const found = detections[image]!;
    return { detections: found, outcomes: matchImage(truth, found, { iouThreshold, match }).outcomes };
  });
  const found = groupByClass(detections, count);
  const perClass = groupByClass(groundTruth, count).map(({ image, index }, k) => {
    const numTruths = index.filter((i, at) => !isIgnored(groundTruth[image[at]!]!, i)).length;
    return evaluateClass({ label: k + 1, numTruths, found: found[k]! }, images, interpolation);
  });
  const aps = perClass.filter(({ numTruths }) => numTruths > 0).map(({ ap }) => ap);
  return { mAP: aps.reduce((a, b) => a + b, 0) / aps.length, perClass };
}
