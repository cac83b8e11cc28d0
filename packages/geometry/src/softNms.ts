import { checkFraction, checkNotNegative, checkPositive, checkScores, countFiniteBoxes } from './checks';
import { pairIou } from './pair';
import type { Boxes } from './types';

export interface SoftNmsOptions {
  /** How a box's score falls with its IoU with a chosen one: by 1 − IoU above the threshold, or by exp(−IoU² / σ). */
  method: 'linear' | 'gaussian';
  /** For 'linear' only: IoUs up to this leave the score. @default 0.3, the paper's N_t */
  iouThreshold?: number;
  /** For 'gaussian' only. @default 0.5, the paper's σ */
  sigma?: number;
  /** Boxes whose score falls below this are dropped. @default 0.001, the authors' code */
  scoreThreshold?: number;
}

export interface SoftNmsResult {
  /** Boxes in the order they were chosen, which is by descending decayed score. */
  indices: Int32Array;
  /** Their decayed scores. */
  scores: Float32Array;
}

/** Where the largest of the first `length` scores is; the first of equal ones, which is that of the lower index. */
function bestPosition(scores: Float64Array, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) if (scores[i]! > scores[best]!) best = i;
  return best;
}

/**
 * Soft-NMS (Bodla et al. 2017): instead of dropping the boxes that overlap the best one, lowers their scores, and goes on
 * with the best of those left. Quadratic in the boxes that stay above `scoreThreshold`.
 *
 * @param boxes `[N, 4]`
 * @param scores `[N]`, not negative
 * @throws RangeError for NaN or negative scores, coordinates that are not finite, lengths that do not match
 */
export function softNms(
  boxes: Boxes,
  scores: Float32Array,
  { method, iouThreshold = 0.3, sigma = 0.5, scoreThreshold = 0.001 }: SoftNmsOptions,
): SoftNmsResult {
  checkSoftNms(boxes, scores, { method, iouThreshold, sigma, scoreThreshold });
  const decay = (iou: number): number =>
    method === 'gaussian' ? Math.exp((-iou * iou) / sigma) : iou > iouThreshold ? 1 - iou : 1;
  const left = Int32Array.from(scores.keys()).filter((i) => scores[i]! >= scoreThreshold);
  const decayed = Float64Array.from(left, (i) => scores[i]!);
  const chosen = new Int32Array(left.length);
  const chosenScores = new Float32Array(left.length);
  let count = 0;
  for (let length = left.length; length > 0; count++) {
    const at = bestPosition(decayed, length);
    const best = left[at]!;
    chosen[count] = best;
    chosenScores[count] = decayed[at]!;
    let kept = 0;
    for (let i = 0; i < length; i++) {
      if (i === at) continue;
      const score = decayed[i]! * decay(pairIou(boxes, 4 * best, boxes, 4 * left[i]!));
      if (score < scoreThreshold) continue;
      left[kept] = left[i]!;
      decayed[kept++] = score;
    }
    length = kept;
  }
  return { indices: chosen.slice(0, count), scores: chosenScores.slice(0, count) };
}

function checkSoftNms(boxes: Boxes, scores: Float32Array, options: Required<SoftNmsOptions>): void {
  checkScores('softNms', scores, countFiniteBoxes('softNms', 'boxes', boxes));
  const negative = scores.findIndex((score) => score < 0);
  if (negative >= 0) {
    throw new RangeError(`softNms: scores must not be negative, got ${scores[negative]} at ${negative}`);
  }
  const { method, iouThreshold, sigma, scoreThreshold } = options;
  if (method !== 'linear' && method !== 'gaussian') {
    throw new TypeError(`softNms: method must be 'linear' or 'gaussian', got '${String(method)}'`);
  }
  checkFraction('softNms', 'iouThreshold', iouThreshold);
  checkPositive('softNms', 'sigma', sigma);
  checkNotNegative('softNms', 'scoreThreshold', scoreThreshold);
}
