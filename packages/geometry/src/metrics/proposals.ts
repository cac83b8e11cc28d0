import { checkFraction, checkLimit, checkList, countMeasuredBoxes } from '../checks';
import { pairIou } from '../pair';
import type { MeasuredBoxes, MeasuredTruth } from '../types';
import { checkImages, checkSameImages, checkTruth, largestLabel } from './inputs';
import { isIgnored } from './outcomes';

export interface ProposalOptions {
  /** Use the first so many proposals of each image. @default Infinity, all */
  maxProposals?: number;
}

export interface ProposalRecallOptions extends ProposalOptions {
  /** Overlaps at which a truth counts as recalled (≥). @default [0.5], PASCAL's */
  iouThresholds?: readonly number[];
}

export interface AverageBestOverlap {
  /** Mean of `perClass` over the classes with truths (MABO); NaN where there are none. */
  mean: number;
  /** `[K]`, label k at k − 1: mean best overlap of the class's truths (ABO); NaN for a class without truths */
  perClass: Float64Array;
}

/** The best overlap of one truth with any proposal of its image. */
interface BestOverlap {
  label: number;
  iou: number;
}

/** One entry for each truth that is neither difficult nor a crowd. */
function bestOverlaps(
  caller: string,
  groundTruth: readonly MeasuredTruth[],
  proposals: readonly MeasuredBoxes[],
  { maxProposals = Infinity }: ProposalOptions,
): BestOverlap[] {
  checkImages(caller, 'groundTruth', groundTruth);
  checkList(caller, 'proposals', proposals, 'the boxes of each image');
  checkSameImages(caller, groundTruth.length, 'proposals', proposals.length);
  checkLimit(caller, 'maxProposals', maxProposals);
  return groundTruth.flatMap((truth, image) => {
    checkTruth(`${caller}: groundTruth[${image}]`, truth, Infinity);
    const boxes = proposals[image]!;
    const count = Math.min(countMeasuredBoxes(caller, `proposals[${image}]`, boxes), maxProposals);
    return Array.from(truth.labels, (label, i) => {
      let iou = 0;
      for (let b = 0; b < 4 * count; b += 4) iou = Math.max(iou, pairIou(truth.boxes, 4 * i, boxes, b));
      return { label, iou };
    }).filter((_, i) => !isIgnored(truth, i));
  });
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/**
 * Average best overlap of proposals, per class and as the mean over classes (ABO and MABO; Uijlings et al. 2013, eq. 7).
 * Labels play no part in the proposals. Difficult truths and crowds are left out.
 *
 * @param groundTruth one entry per image
 * @param proposals one entry per image: `[P, 4]`, the best first where `maxProposals` is given
 * @throws RangeError for coordinates that are not finite and lengths that do not match
 */
export function averageBestOverlap(
  groundTruth: readonly MeasuredTruth[],
  proposals: readonly MeasuredBoxes[],
  options: ProposalOptions = {},
): AverageBestOverlap {
  const overlaps = bestOverlaps('averageBestOverlap', groundTruth, proposals, options);
  const byLabel = Array.from({ length: largestLabel(groundTruth) }, (): number[] => []);
  for (const { label, iou } of overlaps) byLabel[label - 1]!.push(iou);
  const perClass = Float64Array.from(byLabel, mean);
  return { mean: mean(Array.from(perClass).filter((abo) => !Number.isNaN(abo))), perClass };
}

/**
 * Share of the truths that some proposal overlaps at least by each threshold; their mean over 0.5, 0.55 … 0.95 is the
 * "average recall" of proposals. Difficult truths and crowds are left out.
 *
 * @param groundTruth one entry per image
 * @param proposals one entry per image: `[P, 4]`, the best first where `maxProposals` is given
 * @returns one recall per threshold, in [0, 1]; NaN where there are no truths
 * @throws RangeError for coordinates that are not finite and lengths that do not match
 */
export function proposalRecall(
  groundTruth: readonly MeasuredTruth[],
  proposals: readonly MeasuredBoxes[],
  { iouThresholds = [0.5], maxProposals }: ProposalRecallOptions = {},
): Float64Array {
  checkList('proposalRecall', 'iouThresholds', iouThresholds, 'a threshold each');
  for (const threshold of iouThresholds) checkFraction('proposalRecall', 'iouThresholds', threshold);
  const overlaps = bestOverlaps('proposalRecall', groundTruth, proposals, { maxProposals });
  return Float64Array.from(
    iouThresholds,
    (threshold) => overlaps.filter(({ iou }) => iou >= threshold).length / overlaps.length,
  );
}
