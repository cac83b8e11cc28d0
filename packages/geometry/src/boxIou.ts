import { boxColumns, columnIou, mayOverlap, sidesAt, type BoxColumns, type BoxSides } from './boxColumns';
import { countFiniteBoxes } from './checks';
import { completeIou, distanceIou, generalizedIou, pairIou } from './pair';
import type { Boxes } from './types';

/** A measure of one pair; `i` and `j` are offsets into the flat arrays. */
type PairMeasure = (a: Boxes, i: number, b: Boxes, j: number) => number;

function everyPair(caller: string, measure: PairMeasure, a: Boxes, b: Boxes): Float32Array {
  const rows = countFiniteBoxes(caller, 'a', a);
  const columns = countFiniteBoxes(caller, 'b', b);
  const out = new Float32Array(rows * columns); // [N, M]
  for (let i = 0, o = 0; i < a.length; i += 4) {
    for (let j = 0; j < b.length; j += 4, o++) out[o] = measure(a, i, b, j);
  }
  return out;
}

function alignedPairs(caller: string, measure: PairMeasure, a: Boxes, b: Boxes): Float32Array {
  const count = countFiniteBoxes(caller, 'a', a);
  const other = countFiniteBoxes(caller, 'b', b);
  if (count !== other)
    throw new RangeError(`${caller}: b must have as many boxes as a (${count}), got ${other}`);
  return Float32Array.from({ length: count }, (_, i) => measure(a, 4 * i, b, 4 * i)); // [N]
}

/**
 * Intersection over union of every pair. Two boxes that do not overlap (also: a side ≤ 0) have 0, never NaN.
 * Computed in float64, rounded once to float32; so are the other measures.
 *
 * @param a `[N, 4]`
 * @param b `[M, 4]`
 * @returns `[N, M]`, each in [0, 1]
 * @throws RangeError where a coordinate is NaN or infinite
 */
export function boxIou(a: Boxes, b: Boxes): Float32Array {
  const rows = countFiniteBoxes('boxIou', 'a', a);
  const columns = countFiniteBoxes('boxIou', 'b', b);
  const out = new Float32Array(rows * columns); // [N, M]
  const [own, others] = [boxColumns(a), boxColumns(b)];
  const found = new Int32Array(columns);
  for (let i = 0; i < rows; i++) iouRow(sidesAt(own, i), others, found, out.subarray(i * columns));
  return out;
}

/** `pairIou` of one box with all others, into zeros. `found` is room for the places of those that overlap. */
function iouRow(own: BoxSides, others: BoxColumns, found: Int32Array, row: Float32Array): void {
  const count = mayOverlap(own, others, 0, found);
  for (let i = 0; i < count; i++) row[found[i]!] = columnIou(own, others, found[i]!);
}

/**
 * IoU minus the share of the smallest enclosing box that neither covers (Rezatofighi et al. 2019), of every pair.
 *
 * @param a `[N, 4]`
 * @param b `[M, 4]`
 * @returns `[N, M]`, each in [−1, 1]
 */
export function generalizedBoxIou(a: Boxes, b: Boxes): Float32Array {
  return everyPair('generalizedBoxIou', generalizedIou, a, b);
}

/**
 * IoU minus squared distance of the centres over squared diagonal of the smallest enclosing box (Zheng et al. 2020), of
 * every pair.
 *
 * @param a `[N, 4]`
 * @param b `[M, 4]`
 * @returns `[N, M]`, each in [−1, 1]
 */
export function distanceBoxIou(a: Boxes, b: Boxes): Float32Array {
  return everyPair('distanceBoxIou', distanceIou, a, b);
}

/**
 * Distance IoU minus a term for different aspect ratios (Zheng et al. 2020), of every pair.
 *
 * @param a `[N, 4]`
 * @param b `[M, 4]`
 * @returns `[N, M]`
 */
export function completeBoxIou(a: Boxes, b: Boxes): Float32Array {
  return everyPair('completeBoxIou', completeIou, a, b);
}

/** `boxIou` of a's box i with b's box i: `[N, 4]`, `[N, 4]` → `[N]`. */
export function alignedBoxIou(a: Boxes, b: Boxes): Float32Array {
  return alignedPairs('alignedBoxIou', pairIou, a, b);
}

/** `generalizedBoxIou` of a's box i with b's box i: `[N, 4]`, `[N, 4]` → `[N]`. */
export function alignedGeneralizedBoxIou(a: Boxes, b: Boxes): Float32Array {
  return alignedPairs('alignedGeneralizedBoxIou', generalizedIou, a, b);
}

/** `distanceBoxIou` of a's box i with b's box i: `[N, 4]`, `[N, 4]` → `[N]`. */
export function alignedDistanceBoxIou(a: Boxes, b: Boxes): Float32Array {
  return alignedPairs('alignedDistanceBoxIou', distanceIou, a, b);
}

/** `completeBoxIou` of a's box i with b's box i: `[N, 4]`, `[N, 4]` → `[N]`. */
export function alignedCompleteBoxIou(a: Boxes, b: Boxes): Float32Array {
  return alignedPairs('alignedCompleteBoxIou', completeIou, a, b);
}
