import { boxColumns, columnIou, mayOverlap, sidesAt, type BoxColumns, type BoxSides } from './boxColumns';
import { gatherBoxes } from './boxes';
import { checkFraction, checkIndex, checkLabels, checkScores, countFiniteBoxes } from './checks';
import { splitByLabel } from './splitByLabel';
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
  for (let k = 0; k < kept.length; k++) checkIndex('boxVoting', 'kept indices', kept[k]!, count);
  checkFraction('boxVoting', 'iouThreshold', iouThreshold);
  const groups = new Map<number, Voters>();
  for (const [label, indices] of splitByLabel(votersOf(scores), labels)) {
    const votes = new Float32Array(indices.length);
    for (let i = 0; i < votes.length; i++) votes[i] = scores[indices[i]!]!;
    groups.set(label, { columns: boxColumns(boxes, indices), votes });
  }
  const own = boxColumns(boxes, Int32Array.from(kept));
  const around = new Int32Array(count);
  const voted = gatherBoxes(boxes, kept);
  for (let k = 0; k < kept.length; k++) {
    const voters = groups.get(labels[kept[k]!]!);
    const mean = voters && meanAround(sidesAt(own, k), voters, iouThreshold, around);
    if (mean) voted.set(mean, 4 * k);
  }
  return voted;
}

/** The boxes of a label that have a vote. */
interface Voters {
  columns: BoxColumns;
  votes: Float32Array;
}

function votersOf(scores: Float32Array): Int32Array {
  const voters = new Int32Array(scores.length);
  let length = 0;
  for (let i = 0; i < scores.length; i++) if (scores[i]! > 0) voters[length++] = i;
  return voters.subarray(0, length);
}

/** The mean of the voters around a box; undefined where there is none. `around` is room for their places. */
function meanAround(own: BoxSides, { columns, votes }: Voters, iouThreshold: number, around: Int32Array) {
  const { x1, y1, x2, y2 } = columns;
  // At a threshold of 0 those apart from it have a vote too.
  const count = iouThreshold > 0 ? mayOverlap(own, columns, iouThreshold, around) : votes.length;
  let [sum, sumX1, sumY1, sumX2, sumY2] = [0, 0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const at = iouThreshold > 0 ? around[i]! : i;
    if (columnIou(own, columns, at) < iouThreshold) continue;
    const vote = votes[at]!;
    sum += vote;
    sumX1 += vote * x1[at]!;
    sumY1 += vote * y1[at]!;
    sumX2 += vote * x2[at]!;
    sumY2 += vote * y2[at]!;
  }
  return sum > 0 ? [sumX1 / sum, sumY1 / sum, sumX2 / sum, sumY2 / sum] : undefined;
}
