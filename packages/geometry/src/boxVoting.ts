import { checkFraction, checkLabels, checkScores, countFiniteBoxes } from './checks';
import { pairIou } from './pair';
import type { Boxes, Detections } from './types';

export interface BoxVotingOptions {
  /** Boxes of the same class with at least this IoU have a vote. @default 0.5 the paper's */
  iouThreshold?: number;
}

/**
 * Box voting (Gidaris & Komodakis 2015, "Object detection via a multi-region & semantic segmentation-aware CNN model",
 * §4.3): where a box was kept by NMS, the mean of all boxes of its class that overlap it, weighted by their scores.
 * Many slightly wrong boxes around one object are together more exact than the best-scored one.
 *
 * @param candidates what NMS chose from: `[N, 4]` boxes, `[N]` scores (those below 0 have no vote), `[N]` labels
 * @param kept `[M]` indices that NMS kept
 * @returns `[M, 4]`
 * @throws RangeError for NaN scores, coordinates that are not finite, lengths that do not match
 */
export function boxVoting(
  { boxes, scores, labels }: Detections,
  kept: ArrayLike<number>,
  { iouThreshold = 0.5 }: BoxVotingOptions = {},
): Boxes {
  const count = countFiniteBoxes('boxVoting', 'boxes', boxes);
  checkScores('boxVoting', scores, count);
  checkLabels('boxVoting', labels, count);
  const stray = Array.from(kept).find((index) => !(index >= 0 && index < count));
  if (stray !== undefined)
    throw new RangeError(
      `boxVoting: kept must be indices below the number of boxes (${count}), got ${stray}`,
    );
  checkFraction('boxVoting', 'iouThreshold', iouThreshold);
  const voted = new Float32Array(4 * kept.length);
  const sum = new Float64Array(4);
  for (let k = 0; k < kept.length; k++) {
    const own = kept[k]!;
    let votes = 0;
    sum.fill(0);
    for (let i = 0; i < count; i++) {
      const vote = scores[i]!;
      if (labels[i] !== labels[own] || !(vote > 0)) continue;
      if (pairIou(boxes, 4 * own, boxes, 4 * i) < iouThreshold) continue;
      votes += vote;
      for (let c = 0; c < 4; c++) sum[c]! += vote * boxes[4 * i + c]!;
    }
    for (let c = 0; c < 4; c++) voted[4 * k + c] = votes > 0 ? sum[c]! / votes : boxes[4 * own + c]!;
  }
  return voted;
}
