import type { Boxes } from './types';

/** Room for the rounding of overlaps; below the threshold it is not sure to be enough, and nothing is ruled out. */
const ROUNDING_MARGIN = 1e-5;
const SMALLEST_SAFE_THRESHOLD = 1e-3;

/** A box, and its area: width times height in float64. */
export interface BoxSides {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  area: number;
}

/** Boxes with each coordinate in an array of its own, and their areas: what loops over pairs read. */
export interface BoxColumns {
  x1: Float32Array;
  y1: Float32Array;
  x2: Float32Array;
  y2: Float32Array;
  areas: Float64Array;
}

/** The boxes at `indices`, in that order; without them all boxes. */
export function boxColumns(boxes: Boxes, indices?: Int32Array): BoxColumns {
  const length = indices?.length ?? boxes.length / 4;
  const column = () => new Float32Array(length);
  const [x1, y1, x2, y2] = [column(), column(), column(), column()];
  const areas = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const b = 4 * (indices ? indices[i]! : i);
    x1[i] = boxes[b]!;
    y1[i] = boxes[b + 1]!;
    x2[i] = boxes[b + 2]!;
    y2[i] = boxes[b + 3]!;
    areas[i] = (boxes[b + 2]! - boxes[b]!) * (boxes[b + 3]! - boxes[b + 1]!);
  }
  return { x1, y1, x2, y2, areas };
}

/** The box at `i`. */
export function sidesAt({ x1, y1, x2, y2, areas }: BoxColumns, i: number): BoxSides {
  return { x1: x1[i]!, y1: y1[i]!, x2: x2[i]!, y2: y2[i]!, area: areas[i]! };
}

/** `pairIou` of a box with the one at `i`, from areas worked out once. */
export function columnIou(own: BoxSides, { x1, y1, x2, y2, areas }: BoxColumns, i: number): number {
  const width = Math.min(own.x2, x2[i]!) - Math.max(own.x1, x1[i]!);
  const height = Math.min(own.y2, y2[i]!) - Math.max(own.y1, y1[i]!);
  if (!(width > 0 && height > 0)) return 0;
  const inter = width * height;
  return inter / (own.area + areas[i]! - inter);
}

/**
 * Writes the places of the boxes that may overlap `own` by an IoU of at least `iou` to `found`, ascending, and says how
 * many they are. Such a box shares that part of both sides with it, and so meets its inner box: that rules most out, and
 * of the others `columnIou` has to tell.
 *
 * @param iou 0 for all boxes that overlap it at all
 * @param found as long as the columns
 */
export function mayOverlap(own: BoxSides, { x1, y1, x2, y2 }: BoxColumns, iou: number, found: Int32Array) {
  const share = iou < SMALLEST_SAFE_THRESHOLD ? 0 : iou * (1 - ROUNDING_MARGIN);
  const [insetX, insetY] = [share * (own.x2 - own.x1), share * (own.y2 - own.y1)];
  // Insets above ½ turn the inner box round, and the comparisons are still the right ones.
  const [left, top, right, bottom] = [own.x1 + insetX, own.y1 + insetY, own.x2 - insetX, own.y2 - insetY];
  let count = 0;
  for (let i = 0; i < x1.length; i++) {
    // One branch that is seldom taken: && would be four that no processor can foresee.
    const meets = +(x1[i]! < right) & +(x2[i]! > left) & +(y1[i]! < bottom) & +(y2[i]! > top);
    if (meets !== 0) found[count++] = i;
  }
  return count;
}
