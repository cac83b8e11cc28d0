import {
  FALSE_POSITIVE,
  matchDetections,
  TRUE_POSITIVE,
  type Detections,
  type GroundTruth,
} from '@roikit/geometry';

/** Detections of about one score. */
export interface CalibrationBin {
  /** Mean score. */
  score: number;
  /** Share that is right, at IoU 0.5. */
  precision: number;
  count: number;
}

const BINS = 10;

/**
 * Whether a score is the probability of being right (reliability diagram, Guo et al. 2017, for detections as in Küppers et
 * al. 2020): detections in tenths of the score; tenths without any are left out.
 */
export function calibration(
  images: readonly { truth: GroundTruth; detections: Detections }[],
): CalibrationBin[] {
  const bins = Array.from({ length: BINS }, () => ({ scores: 0, right: 0, count: 0 }));
  for (const { truth, detections } of images) {
    const { outcomes } = matchDetections(truth, detections, { iouThreshold: 0.5 });
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome !== TRUE_POSITIVE && outcome !== FALSE_POSITIVE) continue;
      const score = detections.scores[i]!;
      const bin = bins[Math.min(BINS - 1, Math.floor(score * BINS))]!;
      bin.scores += score;
      bin.right += Number(outcome === TRUE_POSITIVE);
      bin.count++;
    }
  }
  return bins
    .filter(({ count }) => count > 0)
    .map(({ scores, right, count }) => ({ score: scores / count, precision: right / count, count }));
}
