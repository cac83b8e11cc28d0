import { checkFraction, checkLabels, checkLimit, checkScores, countFiniteBoxes } from './checks';
import { descendingOrder } from './descendingOrder';
import { float32Areas, KeptGrid } from './keptGrid';
import { splitByLabel } from './splitByLabel';
import type { Boxes } from './types';

export interface NmsOptions {
  /** A box is suppressed when its IoU with a kept box is greater than this; in [0, 1]. */
  iouThreshold: number;
  /** Stop after this many kept boxes. @default Infinity, all of them, as torchvision's `nms` */
  maxOutput?: number;
}

/** Greedy suppression over the candidates in `order`; the kept ones in the same order. */
function suppress(
  boxes: Boxes,
  areas: Float32Array,
  order: Int32Array,
  { iouThreshold, maxOutput }: Required<NmsOptions>,
): Int32Array {
  const grid = new KeptGrid(boxes, areas, order, iouThreshold);
  const kept = new Int32Array(Math.min(order.length, maxOutput));
  let length = 0;
  for (let i = 0; i < order.length && length < kept.length; i++) {
    const index = order[i]!;
    if (grid.overlaps(index)) continue;
    grid.add(index);
    kept[length++] = index;
  }
  return kept.slice(0, length);
}

function checkNms(caller: string, boxes: Boxes, scores: Float32Array, options: Required<NmsOptions>): void {
  checkScores(caller, scores, countFiniteBoxes(caller, 'boxes', boxes));
  checkFraction(caller, 'iouThreshold', options.iouThreshold);
  checkLimit(caller, 'maxOutput', options.maxOutput);
}

/**
 * Non-maximum suppression: keeps the best-scored box, drops those whose IoU with it is **greater than** the threshold,
 * and goes on with the best one left. Equal scores go by the lower index. A box without extent overlaps nothing, so it
 * is kept and suppresses nothing.
 *
 * Gives exactly the indices of torchvision's CPU kernel: IoU in float32, compared with the float64 threshold. (An IoU
 * that is 3/10 on paper is 0.30000001192 in float32, so above a threshold of 0.3; one of 1/2 is not above 0.5.)
 *
 * @param boxes `[N, 4]`
 * @param scores `[N]`
 * @returns indices of the kept boxes by descending score
 * @throws RangeError for NaN scores, coordinates that are not finite, lengths that do not match
 */
export function nms(
  boxes: Boxes,
  scores: Float32Array,
  { iouThreshold, maxOutput = Infinity }: NmsOptions,
): Int32Array {
  checkNms('nms', boxes, scores, { iouThreshold, maxOutput });
  return suppress(boxes, float32Areas(boxes), descendingOrder(scores), { iouThreshold, maxOutput });
}

/**
 * `nms` within each label: boxes of different labels never suppress each other. Labels are compared, not used as an
 * offset to the coordinates (torchvision's trick for up to 1,000 boxes), so no rounding is added.
 *
 * @param boxes `[N, 4]`
 * @param scores `[N]`
 * @param labels `[N]`, any integers
 * @returns indices of the kept boxes of all labels by descending score, at most `maxOutput` in all
 * @throws RangeError as `nms`, and when `labels` has another length or holds what is no integer
 */
export function batchedNms(
  boxes: Boxes,
  scores: Float32Array,
  labels: Int32Array,
  { iouThreshold, maxOutput = Infinity }: NmsOptions,
): Int32Array {
  const options = { iouThreshold, maxOutput };
  checkNms('batchedNms', boxes, scores, options);
  checkLabels('batchedNms', labels, scores.length);
  const areas = float32Areas(boxes);
  const order = descendingOrder(scores);
  const isKept = new Uint8Array(scores.length);
  for (const candidates of splitByLabel(order, labels).values()) {
    for (const index of suppress(boxes, areas, candidates, options)) isKept[index] = 1;
  }
  const kept = order.filter((index) => isKept[index] === 1);
  return kept.slice(0, Math.min(kept.length, maxOutput));
}
