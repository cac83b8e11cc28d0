import { checkIndex, checkNumber, countBoxes, isNotNegative, isPositive } from './checks';
import type { Boxes, ImageSize } from './types';

/**
 * Area of each box in square pixels; 0 where a side is negative, NaN where a coordinate is.
 *
 * @param boxes `[N, 4]`
 * @returns `[N]`
 */
export function boxArea(boxes: Boxes): Float32Array {
  const count = countBoxes('boxArea', 'boxes', boxes);
  const areas = new Float32Array(count);
  for (let i = 0, b = 0; i < count; i++, b += 4) {
    areas[i] = Math.max(0, boxes[b + 2]! - boxes[b]!) * Math.max(0, boxes[b + 3]! - boxes[b + 1]!);
  }
  return areas;
}

/**
 * Moves every corner into the image, x into [0, width] and y into [0, height]; ±∞ ends on the border, NaN stays.
 *
 * @param boxes `[N, 4]`
 * @returns `[N, 4]`, a new array
 */
export function clipBoxesToImage(boxes: Boxes, { width, height }: ImageSize): Boxes {
  countBoxes('clipBoxesToImage', 'boxes', boxes);
  if (!isNotNegative(width) || !isNotNegative(height)) {
    throw new RangeError(`clipBoxesToImage: width and height must be ≥ 0, got ${width} × ${height}`);
  }
  const clipped = new Float32Array(boxes.length);
  for (let i = 0; i < boxes.length; i += 2) {
    clipped[i] = Math.max(0, Math.min(boxes[i]!, width));
    clipped[i + 1] = Math.max(0, Math.min(boxes[i + 1]!, height));
  }
  return clipped;
}

/**
 * Boxes in pixels of an image of size `from` as they lie in the same image resized to `to`; each axis has its own ratio.
 *
 * @param boxes `[N, 4]`
 * @returns `[N, 4]`, a new array
 * @throws RangeError for a size `from` without pixels
 */
export function resizeBoxes(boxes: Boxes, { from, to }: { from: ImageSize; to: ImageSize }): Boxes {
  countBoxes('resizeBoxes', 'boxes', boxes);
  if (!isPositive(from.width) || !isPositive(from.height)) {
    throw new RangeError(`resizeBoxes: from must have positive sides, got ${from.width} × ${from.height}`);
  }
  if (!isNotNegative(to.width) || !isNotNegative(to.height)) {
    throw new RangeError(`resizeBoxes: to must have sides ≥ 0, got ${to.width} × ${to.height}`);
  }
  const [across, down] = [to.width / from.width, to.height / from.height];
  const resized = new Float32Array(boxes.length);
  for (let i = 0; i < boxes.length; i += 2) {
    resized[i] = boxes[i]! * across;
    resized[i + 1] = boxes[i + 1]! * down;
  }
  return resized;
}

/**
 * Some of the boxes, in the order asked for.
 *
 * @param boxes `[N, 4]`
 * @param indices `[K]`, each below N; one may come more than once
 * @returns `[K, 4]`, a new array
 */
export function gatherBoxes(boxes: Boxes, indices: ArrayLike<number>): Boxes {
  const count = countBoxes('gatherBoxes', 'boxes', boxes);
  const gathered = new Float32Array(4 * indices.length);
  for (let i = 0; i < indices.length; i++) {
    const at = indices[i]!;
    checkIndex('gatherBoxes', 'indices', at, count);
    for (let c = 0; c < 4; c++) gathered[4 * i + c] = boxes[4 * at + c]!;
  }
  return gathered;
}

/**
 * Indices of the boxes whose width and height are both at least `minSize` pixels, in order; a box with a NaN
 * coordinate is not kept.
 *
 * @param boxes `[N, 4]`
 */
export function removeSmallBoxes(boxes: Boxes, { minSize }: { minSize: number }): Int32Array {
  const count = countBoxes('removeSmallBoxes', 'boxes', boxes);
  checkNumber('removeSmallBoxes', 'minSize', minSize);
  const size = Math.fround(minSize); // torchvision compares in float32
  const kept = new Int32Array(count);
  let length = 0;
  for (let i = 0, b = 0; i < count; i++, b += 4) {
    const width = Math.fround(boxes[b + 2]! - boxes[b]!);
    const height = Math.fround(boxes[b + 3]! - boxes[b + 1]!);
    if (width >= size && height >= size) kept[length++] = i;
  }
  return kept.slice(0, length);
}
