import {
  checkChoice,
  checkFraction,
  checkLabels,
  checkLimit,
  checkNotNegative,
  checkPositive,
  checkScores,
  countFiniteBoxes,
} from './checks';
import { SoftCandidates } from './softCandidates';
import { splitByLabel } from './splitByLabel';
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
  /** Stop after this many chosen boxes: the first of those that all would be. @default Infinity, all of them */
  maxOutput?: number;
}

export interface SoftNmsResult {
  /** Boxes in the order they were chosen, which is by descending decayed score. */
  indices: Int32Array;
  /** Their decayed scores. */
  scores: Float32Array;
}

/**
 * Soft-NMS (Bodla et al. 2017): instead of dropping the boxes that overlap the best one, lowers their scores, and goes on
 * with the best of those left. Each box that is chosen is compared with all that stay above `scoreThreshold`.
 *
 * @param boxes `[N, 4]`
 * @param scores `[N]`, not negative
 * @throws RangeError for NaN or negative scores, coordinates that are not finite, lengths that do not match
 */
export function softNms(boxes: Boxes, scores: Float32Array, options: SoftNmsOptions): SoftNmsResult {
  const complete = checkSoftNms('softNms', boxes, scores, options);
  const all = new SoftCandidates(boxes, scores, likelyOnes(scores, complete), complete);
  const { indices, scores: decayed } = choose([all], scores.length, complete.maxOutput);
  return { indices: indices.slice(0, complete.maxOutput), scores: decayed.slice(0, complete.maxOutput) };
}

/**
 * `softNms` within each label: boxes of different labels never lower each other's scores.
 *
 * @param boxes `[N, 4]`
 * @param scores `[N]`, not negative
 * @param labels `[N]`, any integers
 * @returns boxes of all labels by descending decayed score, equal ones by the lower index, at most `maxOutput` in all
 * @throws RangeError as `softNms`, and when `labels` has another length or holds what is no integer
 */
export function batchedSoftNms(
  boxes: Boxes,
  scores: Float32Array,
  labels: Int32Array,
  options: SoftNmsOptions,
): SoftNmsResult {
  const complete = checkSoftNms('batchedSoftNms', boxes, scores, options);
  checkLabels('batchedSoftNms', labels, scores.length);
  const groups = Array.from(
    splitByLabel(likelyOnes(scores, complete), labels).values(),
    (indices) => new SoftCandidates(boxes, scores, indices, complete),
  );
  const chosen = choose(groups, scores.length, complete.maxOutput);
  const order = Array.from(chosen.indices.keys()).sort(
    (i, j) => chosen.scores[j]! - chosen.scores[i]! || chosen.indices[i]! - chosen.indices[j]!,
  );
  if (order.length > complete.maxOutput) order.length = complete.maxOutput;
  return {
    indices: Int32Array.from(order, (i) => chosen.indices[i]!),
    scores: Float32Array.from(order, (i) => chosen.scores[i]!),
  };
}

/** Indices of the scores from the threshold on. */
function likelyOnes(scores: Float32Array, { scoreThreshold }: { scoreThreshold: number }): Int32Array {
  const likely = new Int32Array(scores.length);
  let length = 0;
  for (let i = 0; i < scores.length; i++) if (scores[i]! >= scoreThreshold) likely[length++] = i;
  return likely.subarray(0, length);
}

/**
 * The best of all groups, one after the other. No score ever rises, so what comes is what is left: `maxOutput` boxes, and
 * those after them with the score of the last one, which in float32 can be equal where they were not.
 */
function choose(groups: SoftCandidates[], most: number, maxOutput: number): SoftNmsResult {
  const indices = new Int32Array(most);
  const scores = new Float32Array(most);
  let count = 0;
  for (let group = bestOf(groups); group && maxOutput > 0; group = bestOf(groups)) {
    scores[count] = group.bestScore;
    if (count >= maxOutput && scores[count]! < scores[maxOutput - 1]!) break;
    indices[count++] = group.best;
    group.takeBest();
  }
  return { indices: indices.subarray(0, count), scores: scores.subarray(0, count) };
}

/** The group with the best box, where any has one left. */
function bestOf(groups: SoftCandidates[]): SoftCandidates | undefined {
  let best: SoftCandidates | undefined;
  for (const group of groups) {
    if (group.length > 0 && (!best || group.bestScore > best.bestScore)) best = group;
  }
  return best;
}

function checkSoftNms(
  caller: string,
  boxes: Boxes,
  scores: Float32Array,
  options: SoftNmsOptions,
): Required<SoftNmsOptions> {
  const { method, iouThreshold = 0.3, sigma = 0.5, scoreThreshold = 0.001, maxOutput = Infinity } = options;
  checkScores(caller, scores, countFiniteBoxes(caller, 'boxes', boxes));
  const negative = scores.findIndex((score) => score < 0);
  if (negative >= 0) {
    throw new RangeError(`${caller}: scores must not be negative, got ${scores[negative]} at ${negative}`);
  }
  checkChoice(caller, 'method', method, ['linear', 'gaussian']);
  checkFraction(caller, 'iouThreshold', iouThreshold);
  checkPositive(caller, 'sigma', sigma);
  checkNotNegative(caller, 'scoreThreshold', scoreThreshold);
  checkLimit(caller, 'maxOutput', maxOutput);
  return { method, iouThreshold, sigma, scoreThreshold, maxOutput };
}
