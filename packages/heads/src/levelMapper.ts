import type { Boxes, ImageSize } from '@roikit/geometry';

export interface LevelMapperOptions {
  /** Level of the first map: log2 of its stride; 2 for a stride of 4. */
  minLevel: number;
  /** Level of the last map. */
  maxLevel: number;
  /** Side of a box, in pixels, that belongs to `canonicalLevel`. @default 224 FPN §4.2: what ImageNet networks see */
  canonicalScale?: number;
  /** @default 4 FPN §4.2 (k₀) */
  canonicalLevel?: number;
  /** Added to the level before it is cut, so that a side of exactly 224 · 2ⁿ moves up. @default 1e-6 torchvision */
  epsilon?: number;
}

/**
 * The map each box is pooled from (FPN Eq. 1): ⌊k₀ + log2(√area / 224) + ε⌋, kept within the levels there are.
 * In float32, step by step as torchvision's `LevelMapper`.
 *
 * @param boxes `[N, 4]`, pixels of the network's input
 * @returns `[N]`, 0 for the map of `minLevel`
 * @throws RangeError where boxes are not four numbers each, or `maxLevel` is below `minLevel`
 */
export function assignLevels(boxes: Boxes, options: LevelMapperOptions): Int32Array {
  const { minLevel, maxLevel, canonicalScale = 224, canonicalLevel = 4, epsilon = 1e-6 } = options;
  if (boxes.length % 4 !== 0 || !(minLevel <= maxLevel)) {
    throw new RangeError(
      `assignLevels: boxes must be [N, 4] and minLevel at most maxLevel, got ${boxes.length} numbers and levels ${minLevel} to ${maxLevel}`,
    );
  }
  const { fround } = Math;
  const levels = new Int32Array(boxes.length / 4);
  for (let i = 0, b = 0; i < levels.length; i++, b += 4) {
    const area = fround(fround(boxes[b + 2]! - boxes[b]!) * fround(boxes[b + 3]! - boxes[b + 1]!));
    const octave = fround(Math.log2(fround(fround(Math.sqrt(area)) / canonicalScale)));
    const level = Math.floor(fround(fround(canonicalLevel + octave) + fround(epsilon)));
    // Not a number where a side is negative: such a box is smaller than any.
    levels[i] = Math.min(Math.max(level, minLevel) || minLevel, maxLevel) - minLevel;
  }
  return levels;
}

/**
 * Cells of a map per pixel of the input, a power of two as torchvision infers it: 2^round(log2(map height / image
 * height)).
 *
 * @param image size of the tallest picture of the batch before padding
 */
export function inferScale(mapHeight: number, image: Pick<ImageSize, 'height'>): number {
  // Halves need no rule: no ratio of whole numbers is √2 times a power of two.
  return 2 ** Math.round(Math.log2(mapHeight / image.height));
}
