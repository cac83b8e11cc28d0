import type { Kernel } from './kernel/kernel';
import type { PixelGraph } from './pixelGraph';
import type { LabelMap } from './types';

/** Edges looked at in one go by the kernel's segment.ts. */
const BATCH = 2048;

/**
 * Segments a sorted pixel graph (Felzenszwalb and Huttenlocher's Algorithm 1, then regions below `minSize` join a neighbour).
 * Regions are numbered by their first pixel in raster order. The labels stay in the kernel's memory.
 */
export function segment({ wasm, arena }: Kernel, graph: PixelGraph, k: number, minSize: number): LabelMap {
  const { width, height, edges, edgeCount, levels } = graph;
  const pixels = width * height;
  const labels = arena.alloc(4 * pixels);
  const mark = arena.mark;
  const parent = arena.alloc(4 * pixels);
  const nodes = arena.alloc(8 * pixels);
  const batch = arena.alloc(4 * BATCH);
  const refused = arena.alloc(4 * edgeCount);
  wasm.resetForest(pixels, parent, nodes, k);
  const count = wasm.joinSimilar(edges, edgeCount, levels, width, parent, nodes, k, refused, batch);
  wasm.joinSmall(refused, count, width, parent, nodes, minSize);
  arena.i32(labels, pixels).fill(-1);
  const regions = wasm.label(pixels, parent, labels);
  arena.release(mark);
  return { labels, count: regions };
}
