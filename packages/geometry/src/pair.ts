import type { MeasuredBoxes } from './types';

// One pair of boxes in float64; `i` and `j` are offsets into the flat arrays, 4 times the index.

function sideProduct(a: MeasuredBoxes, i: number): number {
  return (a[i + 2]! - a[i]!) * (a[i + 3]! - a[i + 1]!);
}

function intersection(a: MeasuredBoxes, i: number, b: MeasuredBoxes, j: number): number {
  const width = Math.min(a[i + 2]!, b[j + 2]!) - Math.max(a[i]!, b[j]!);
  if (width <= 0) return 0;
  const height = Math.min(a[i + 3]!, b[j + 3]!) - Math.max(a[i + 1]!, b[j + 1]!);
  return height <= 0 ? 0 : width * height;
}

/** 0 where they do not overlap, so that no union of 0 is divided by. */
export function pairIou(a: MeasuredBoxes, i: number, b: MeasuredBoxes, j: number): number {
  const inter = intersection(a, i, b, j);
  return inter === 0 ? 0 : inter / (sideProduct(a, i) + sideProduct(b, j) - inter);
}

/** Share of a detection inside a crowd: intersection over the detection's own area (COCO's maskApi.c, bbIou). */
export function crowdOverlap(crowds: MeasuredBoxes, i: number, detections: MeasuredBoxes, j: number): number {
  const inter = intersection(crowds, i, detections, j);
  return inter === 0 ? 0 : inter / sideProduct(detections, j);
}

/** torchvision's eps, against a division by zero. */
const EPSILON = 1e-7;

export function generalizedIou(a: MeasuredBoxes, i: number, b: MeasuredBoxes, j: number): number {
  const inter = intersection(a, i, b, j);
  const union = sideProduct(a, i) + sideProduct(b, j) - inter;
  const width = Math.max(a[i + 2]!, b[j + 2]!) - Math.min(a[i]!, b[j]!);
  const height = Math.max(a[i + 3]!, b[j + 3]!) - Math.min(a[i + 1]!, b[j + 1]!);
  const enclosing = Math.max(0, width) * Math.max(0, height);
  const overlap = inter === 0 ? 0 : inter / union;
  return enclosing === 0 ? overlap : overlap - (enclosing - union) / enclosing;
}

export function distanceIou(a: MeasuredBoxes, i: number, b: MeasuredBoxes, j: number): number {
  const width = Math.max(0, Math.max(a[i + 2]!, b[j + 2]!) - Math.min(a[i]!, b[j]!));
  const height = Math.max(0, Math.max(a[i + 3]!, b[j + 3]!) - Math.min(a[i + 1]!, b[j + 1]!));
  const dx = (a[i]! + a[i + 2]! - b[j]! - b[j + 2]!) / 2;
  const dy = (a[i + 1]! + a[i + 3]! - b[j + 1]! - b[j + 3]!) / 2;
  return pairIou(a, i, b, j) - (dx * dx + dy * dy) / (width * width + height * height + EPSILON);
}

export function completeIou(a: MeasuredBoxes, i: number, b: MeasuredBoxes, j: number): number {
  // atan2 also takes a height of 0, and equals atan(w / h) for positive sides
  const angle = Math.atan2(a[i + 2]! - a[i]!, a[i + 3]! - a[i + 1]!);
  const other = Math.atan2(b[j + 2]! - b[j]!, b[j + 3]! - b[j + 1]!);
  const v = (4 / Math.PI ** 2) * (angle - other) ** 2;
  const alpha = v / (1 - pairIou(a, i, b, j) + v + EPSILON);
  return distanceIou(a, i, b, j) - alpha * v;
}
