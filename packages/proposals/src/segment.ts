import type { Kernel } from './kernel/kernel';
import type { PixelGraph } from './pixelGraph';
import type { LabelMap } from './types';

/** Room the kernel's segment.ts needs for the edges it looks at in one go. */
const BATCH_BYTES = 12 * 256;

interface SegmentOptions {
  k: number;
  minSize: number;
  /** Where to write the labels, i32 `[height × width]`. */
  labels: number;
}

/**
 * Segments a sorted pixel graph (Felzenszwalb and Huttenlocher's Algorithm 1, then regions below `minSize` join a neighbour).
 * Regions are numbered by their first pixel in raster order.
 */
export function segment(
  { wasm, arena }: Kernel,
  graph: PixelGraph,
  { k, minSize, labels }: SegmentOptions,
): LabelMap {
  const { width, height, edges, edgeCount, starts } = graph;
  const pixels = width * height;
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
