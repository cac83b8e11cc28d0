import type { Boxes } from '../src';

// Slow, obvious twins of the kernels.

export function naiveIou(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const width = Math.max(0, Math.min(a[2]!, b[2]!) - Math.max(a[0]!, b[0]!));
  const height = Math.max(0, Math.min(a[3]!, b[3]!) - Math.max(a[1]!, b[1]!));
  const inter = width * height;
  if (inter === 0) return 0;
  return inter / ((a[2]! - a[0]!) * (a[3]! - a[1]!) + (b[2]! - b[0]!) * (b[3]! - b[1]!) - inter);
}

export const box = (boxes: Boxes, i: number): Float32Array => boxes.subarray(4 * i, 4 * i + 4);

/** IoU with every step rounded to float32, as torchvision's kernel computes it. */
export function float32Iou(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const f = Math.fround;
  const area = (c: ArrayLike<number>): number => f(f(c[2]! - c[0]!) * f(c[3]! - c[1]!));
  const width = Math.max(0, f(Math.min(a[2]!, b[2]!) - Math.max(a[0]!, b[0]!)));
  const height = Math.max(0, f(Math.min(a[3]!, b[3]!) - Math.max(a[1]!, b[1]!)));
  const inter = f(width * height);
  return f(inter / f(f(area(a) + area(b)) - inter));
}

/** Greedy NMS as the papers state it: quadratic, no index. */
export function naiveNms(boxes: Boxes, scores: Float32Array, iouThreshold: number): number[] {
  const order = Array.from(scores, (_, i) => i).sort((i, j) => scores[j]! - scores[i]! || i - j);
  const kept: number[] = [];
  for (const i of order) {
    if (kept.every((k) => !(float32Iou(box(boxes, k), box(boxes, i)) > iouThreshold))) kept.push(i);
  }
  return kept;
}

/** Boxes with corners in [0, extent] and sides up to twice the mean, uniform. */
export function randomBoxes(
  random: () => number,
  { count, extent, meanSide }: { count: number; extent: number; meanSide: number },
): Boxes {
  const boxes = new Float32Array(4 * count);
  for (let b = 0; b < boxes.length; b += 4) {
    boxes[b] = random() * extent;
    boxes[b + 1] = random() * extent;
    boxes[b + 2] = boxes[b]! + 2 * meanSide * random();
    boxes[b + 3] = boxes[b + 1]! + 2 * meanSide * random();
  }
  return boxes;
}

/** First place at which two lists of numbers differ, −1 where they are equal; quick on whole COCO tables. */
export function differingAt(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) if (!Object.is(a[i], b[i])) return i;
  return -1;
}
