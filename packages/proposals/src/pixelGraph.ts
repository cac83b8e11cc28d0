import { convolveColumns, convolveRows, gaussianKernel } from './gaussian';
import type { Planes } from './types';

/** Weights are kept to 1/128 of a grey level: the largest, 255 √3, then fits 16 bits, and one counting pass sorts the edges. */
export const WEIGHT_STEPS = 128;
const LEVELS = 1 << 16;
const ABSENT = LEVELS - 1;

/** The 8-connected graph over the pixels of a smoothed image, its edges in order of weight. */
export interface PixelGraph {
  width: number;
  height: number;
  /** Edges by ascending weight, ties by number. Edge 4p + d joins pixel p with p + offsets[d]. */
  edges: Uint32Array;
  /** `[levels + 1]`: the edges of weight level / WEIGHT_STEPS are edges[starts[level]] … edges[starts[level + 1] − 1]. */
  starts: Uint32Array;
  /** Right, lower left, below, lower right. */
  offsets: Int32Array;
}

/** Levels of the four edges of every pixel, `[pixels × 4]`; ABSENT where the edge would leave the image. */
function edgeLevels(smoothed: Float32Array[], width: number, height: number): Uint16Array {
  const levels = new Uint16Array(width * height * 4).fill(ABSENT);
  const level = (p: number, q: number) => {
    let sum = 0;
    for (const plane of smoothed) {
      const d = plane[p]! - plane[q]!;
      sum += d * d;
    }
    return (Math.sqrt(sum) * WEIGHT_STEPS + 0.5) | 0;
  };
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      if (x + 1 < width) levels[4 * p] = level(p, p + 1);
      if (y + 1 === height) continue;
      if (x > 0) levels[4 * p + 1] = level(p, p + width - 1);
      levels[4 * p + 2] = level(p, p + width);
      if (x + 1 < width) levels[4 * p + 3] = level(p, p + width + 1);
    }
  }
  return levels;
}

function countingSort(levels: Uint16Array): { edges: Uint32Array; starts: Uint32Array } {
  const starts = new Uint32Array(LEVELS + 1);
  for (let e = 0; e < levels.length; e++) starts[levels[e]! + 1]!++;
  for (let i = 0; i < LEVELS; i++) starts[i + 1]! += starts[i]!;
  const next = starts.slice();
  const edges = new Uint32Array(starts[ABSENT]!);
  for (let e = 0; e < levels.length; e++) {
    const level = levels[e]!;
    if (level !== ABSENT) edges[next[level]!++] = e;
  }
  return { edges, starts };
}

/** Smooths with `sigma` and sorts the edges: what all segmentations of one image in one colour space share. */
export function pixelGraph(image: Planes, sigma: number): PixelGraph {
  const { width, height } = image;
  const half = gaussianKernel(sigma);
  const smoothed = image.planes.map((plane) =>
    convolveColumns(convolveRows(plane, image, half, 1), image, half, 1),
  );
  const { edges, starts } = countingSort(edgeLevels(smoothed, width, height));
  return { width, height, edges, starts, offsets: Int32Array.of(1, width - 1, width, width + 1) };
}
