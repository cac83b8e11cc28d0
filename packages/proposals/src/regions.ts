import { DIRECTIONS, TEXTURE_BINS } from './texture';
import type { Planes, Segmentation } from './types';

export const COLOR_BINS = 25;

/** What the similarities need of the regions of one segmentation, one row a region. */
export interface Regions {
  count: number;
  /** Pixels. */
  sizes: Int32Array;
  /** `[count × 4]`, x1 y1 x2 y2. */
  boxes: Int32Array;
  /** `[count × colorBins]`, pixel counts: 25 bins a channel. */
  color: Float32Array;
  colorBins: number;
  /** `[count × textureBins]`, pixel counts: 8 directions of 10 bins a channel. */
  texture: Float32Array;
  textureBins: number;
}

/** Sizes and bounding boxes, `[count × 4]`, x1 y1 x2 y2 with continuous edges. */
export function regionBoxes(
  { labels, count }: Segmentation,
  width: number,
): { sizes: Int32Array; boxes: Int32Array } {
  const sizes = new Int32Array(count);
  const boxes = new Int32Array(4 * count);
  for (let r = 0; r < count; r++) boxes[4 * r] = boxes[4 * r + 1] = 0x7fffffff;
  for (let p = 0, y = 0; p < labels.length; y++) {
    for (let x = 0; x < width; x++, p++) {
      const r = labels[p]!;
      sizes[r]!++;
      const b = 4 * r;
      if (x < boxes[b]!) boxes[b] = x;
      if (y < boxes[b + 1]!) boxes[b + 1] = y;
      if (x >= boxes[b + 2]!) boxes[b + 2] = x + 1;
      boxes[b + 3] = y + 1;
    }
  }
  return { sizes, boxes };
}

/** Colour histograms of the regions, as pixel counts. */
function colorCounts(image: Planes, labels: Int32Array, out: Float32Array): void {
  const bins = COLOR_BINS * image.planes.length;
  image.planes.forEach((plane, c) => {
    const base = c * COLOR_BINS;
    for (let p = 0; p < labels.length; p++)
      out[labels[p]! * bins + base + ((plane[p]! * COLOR_BINS) >> 8)]!++;
  });
}

/** Texture histograms of the regions; the bins 0 of the directions that `codes` leaves out are what is missing to the size. */
function textureCounts(
  codes: Uint8Array,
  labels: Int32Array,
  sizes: Int32Array,
  bins: number,
  out: Float32Array,
): void {
  const stride = codes.length / labels.length;
  for (let p = 0, q = 0; p < labels.length; p++) {
    const row = labels[p]! * bins;
    for (let i = 0; i < stride; i++, q++) out[row + codes[q]!]!++;
  }
  for (let at = 0, r = 0; r < sizes.length; r++) {
    for (let d = 0; d < bins / TEXTURE_BINS; d++, at += TEXTURE_BINS) {
      let rest = sizes[r]!;
      for (let b = 1; b < TEXTURE_BINS; b++) rest -= out[at + b]!;
      out[at] = rest;
    }
  }
}

export function describeRegions(image: Planes, codes: Uint8Array, segmentation: Segmentation): Regions {
  const { labels, count } = segmentation;
  const { sizes, boxes } = regionBoxes(segmentation, image.width);
  const colorBins = COLOR_BINS * image.planes.length;
  const textureBins = DIRECTIONS * TEXTURE_BINS * image.planes.length;
  const color = new Float32Array(count * colorBins);
  const texture = new Float32Array(count * textureBins);
  colorCounts(image, labels, color);
  textureCounts(codes, labels, sizes, textureBins, texture);
  return { count, sizes, boxes, color, colorBins, texture, textureBins };
}

/** Pairs of neighbouring regions (4-connected), each once, `[a0, b0, a1, b1, …]` with a < b, sorted by a then b. */
export function neighbourPairs({ labels, count }: Segmentation, width: number): Int32Array {
  const seen = new Set<number>();
  for (let p = 0; p < labels.length; p++) {
    const a = labels[p]!;
    if ((p + 1) % width !== 0 && labels[p + 1] !== a) seen.add(pairKey(a, labels[p + 1]!, count));
    if (p + width < labels.length && labels[p + width] !== a) seen.add(pairKey(a, labels[p + width]!, count));
  }
  const keys = Float64Array.from(seen).sort();
  const pairs = new Int32Array(2 * keys.length);
  keys.forEach((key, i) => {
    pairs[2 * i] = Math.floor(key / count);
    pairs[2 * i + 1] = key % count;
  });
  return pairs;
}

const pairKey = (a: number, b: number, count: number) => (a < b ? a * count + b : b * count + a);
