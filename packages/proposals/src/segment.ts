import type { Kernel } from './kernel/kernel';
import type { PixelGraph } from './pixelGraph';
import type { LabelMap } from './types';

/** Room the kernel's segment.ts needs for the edges it looks at in one go. */
const BATCH_BYTES = 12 * 256;

/**
 * Segments a sorted pixel graph (Felzenszwalb and Huttenlocher's Algorithm 1, then regions below `minSize` join a neighbour).
 * Regions are numbered by their first pixel in raster order. The labels stay in the kernel's memory.
 */
export function segment({ wasm, arena }: Kernel, graph: PixelGraph, k: number, minSize: number): LabelMap {
  const { width, height, edges, edgeCount, starts } = graph;
  const pixels = width * height;
  const labels = arena.alloc(4 * pixels);
  const mark = arena.mark;
  const up = arena.alloc(8 * pixels);
  const batch = arena.alloc(BATCH_BYTES);
  const refused = arena.alloc(4 * edgeCount);
  wasm.resetForest(pixels, up, k);
  const count = wasm.joinSimilar(edges, starts, width, up, k, refused, batch);
  wasm.joinSmall(refused, count, width, up, minSize);
  arena.i32(labels, pixels).fill(-1);
  const regions = wasm.label(pixels, up, labels);
  arena.release(mark);
  return { labels, count: regions };
}
