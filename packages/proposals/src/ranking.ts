import { gatherBoxes, nms } from '@roikit/geometry';
import type { Proposals } from './types';

export interface RankOptions {
  /** Shortest side kept, in pixels of the image searched. */
  minSize: number;
  maxProposals: number;
  /** Boxes that overlap a better one by more go last. */
  nmsThreshold: number;
  /** Original pixels per pixel of the image searched. */
  scale: { x: number; y: number };
}

/** Orders numbers of boxes by ascending value, ties by number. */
function ascending(values: Float64Array): Uint32Array {
  const order = new Uint32Array(values.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  return order.sort((i, j) => values[i]! - values[j]! || i - j);
}

/** Numbers of the boxes that are large enough, the first of each kind. */
function firstOfEach(boxes: Int32Array, order: Uint32Array, minSize: number): number[] {
  const seen = new Map<number, Set<number>>(); // upper left corner → lower right corners; a side has at most 2²⁶ pixels
  const corner = (at: number) => boxes[at]! * 67108864 + boxes[at + 1]!;
  const kept: number[] = [];
  for (const number of order) {
    const at = 4 * number;
    if (boxes[at + 2]! - boxes[at]! < minSize || boxes[at + 3]! - boxes[at + 1]! < minSize) continue;
    let others = seen.get(corner(at));
    if (others === undefined) seen.set(corner(at), (others = new Set()));
    else if (others.has(corner(at + 2))) continue;
    others.add(corner(at + 2));
    kept.push(number);
  }
  return kept;
}

/** Numbers of the first `limit` of: the boxes that non-maximum suppression keeps, then those it drops, both in their order. */
function nearDuplicatesLast(boxes: Float32Array, nmsThreshold: number, limit: number): number[] {
  const numbers = Array.from({ length: boxes.length / 4 }, (_, i) => i);
  if (nmsThreshold === 1) return numbers.slice(0, limit); // nothing overlaps by more
  const equal = new Float32Array(numbers.length); // scores: boxes are taken in their order
  const first = nms(boxes, equal, { iouThreshold: nmsThreshold, maxOutput: limit });
  if (first.length === limit) return [...first];
  const isFirst = new Set(first);
  return [...first, ...numbers.filter((i) => !isFirst.has(i))].slice(0, limit);
}

/**
 * Ranks the boxes of all runs (IJCV 2013 §3.3): the i-th region from the top of its hierarchy gets v = random · i, i = 1 for the
 * whole image; ascending; of equal boxes the first stays, and near duplicates of a better box go last.
 *
 * @param runs boxes of each run, `[R, 4]`, in the order the regions were made
 */
export function rankBoxes(
  runs: readonly Int32Array[],
  random: () => number,
  { minSize, maxProposals, nmsThreshold, scale }: RankOptions,
): Proposals {
  const total = runs.reduce((sum, boxes) => sum + boxes.length / 4, 0);
  const all = new Int32Array(4 * total);
  const values = new Float64Array(total);
  let n = 0;
  for (const boxes of runs) {
    all.set(boxes, 4 * n);
    for (let position = boxes.length / 4; position > 0; position--) values[n++] = random() * position;
  }
  const kept = firstOfEach(all, ascending(values), minSize);
  const ranked = new Float32Array(4 * kept.length);
  for (let i = 0; i < ranked.length; i++)
    ranked[i] = all[4 * kept[i >> 2]! + (i & 3)]! * (i & 1 ? scale.y : scale.x);
  const count = Math.min(kept.length, Math.ceil(maxProposals));
  const order = nearDuplicatesLast(ranked, nmsThreshold, count);
  return {
    boxes: gatherBoxes(ranked, order),
    scores: Float32Array.from(order, (_, i) => 1 - i / kept.length),
  };
}
