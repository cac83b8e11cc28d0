import type { Boxes } from './types';

// One pair of boxes in float64; `i` and `j` are offsets into the flat arrays, 4 times the index.

export function sideProduct(a: Boxes, i: number): number {
  return (a[i + 2]! - a[i]!) * (a[i + 3]! - a[i + 1]!);
}

export function intersection(a: Boxes, i: number, b: Boxes, j: number): number {
  const width = Math.min(a[i + 2]!, b[j + 2]!) - Math.max(a[i]!, b[j]!);
  if (width <= 0) return 0;
  const height = Math.min(a[i + 3]!, b[j + 3]!) - Math.max(a[i + 1]!, b[j + 1]!);
  return height <= 0 ? 0 : width * height;
}

/** 0 where they do not overlap, so that no union of 0 is divided by. */
export function pairIou(a: Boxes, i: number, b: Boxes, j: number): number {
  const inter = intersection(a, i, b, j);
  return inter === 0 ? 0 : inter / (sideProduct(a, i) + sideProduct(b, j) - inter);
}
