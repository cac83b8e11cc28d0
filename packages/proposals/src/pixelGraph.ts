import { gaussianKernel } from './gaussian';
import type { Kernel } from './kernel/kernel';
import type { Planes } from './types';

/** The 8-connected graph over the pixels of a smoothed image, its edges in order of weight. In the kernel's memory. */
export interface PixelGraph {
  width: number;
  height: number;
  /** u32 `[edgeCount]` by ascending weight, ties by number; edge 4p + d leads from pixel p right, lower left, down, lower right. */
  edges: number;
  edgeCount: number;
  /** u32 `[65537]`: edges of weight level / 128 are numbers starts[level] … starts[level + 1] − 1. */
  starts: number;
}

const LEVELS = 1 << 16;

/** Smooths the planes with `sigma` and writes their edge weights. */
function writeLevels(
  { wasm, arena }: Kernel,
  { width, height, planes }: Planes,
  sigma: number,
  levels: number,
): void {
  const mark = arena.mark;
  const kernel = gaussianKernel(sigma);
  const half = arena.floats(kernel);
  const radius = kernel.length - 1;
  const line = arena.alloc(4 * (width + 2 * radius + 8));
  const planeBytes = 4 * width * height + 16;
  const rows = arena.alloc(4 * width * (height + 2 * radius));
  const smoothed = arena.alloc(planes.length * planeBytes + 4 * width);
  planes.forEach((plane, c) => {
    wasm.convolveRows(plane, rows, width, height, half, radius, false, line);
    wasm.convolveColumns(rows, smoothed + c * planeBytes, width, height, half, radius);
  });
  wasm.edgeLevels(smoothed, planes.length, planeBytes, width, height, levels);
  arena.release(mark);
}

/** What all segmentations of one image in one colour space share: smoothing with `sigma`, weights, one sort of the edges. */
export function pixelGraph(kernel: Kernel, image: Planes, sigma: number): PixelGraph {
  const { wasm, arena } = kernel;
  const { width, height } = image;
  const count = 4 * width * height;
  const starts = arena.alloc(4 * (LEVELS + 1));
  const edges = arena.alloc(4 * count);
  const mark = arena.mark;
  const levels = arena.alloc(2 * count);
  writeLevels(kernel, image, sigma, levels);
  const next = arena.alloc(4 * LEVELS);
  arena.i32(starts, LEVELS + 1).fill(0);
  const edgeCount = wasm.sortEdges(levels, count, edges, starts, next);
  arena.release(mark);
  return { width, height, edges, edgeCount, starts };
}
