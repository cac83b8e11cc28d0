import type { PixelGraph } from './pixelGraph';
import { WEIGHT_STEPS } from './pixelGraph';
import type { Segmentation } from './types';

function find(parent: Int32Array, i: number): number {
  while (parent[i] !== i) {
    parent[i] = parent[parent[i]!]!;
    i = parent[i]!;
  }
  return i;
}

interface Forest {
  parent: Int32Array;
  size: Int32Array;
  /** Int(C) + k / |C| of each root: the heaviest edge that may still join C. */
  limit: Float32Array;
}

function link({ parent, size }: Forest, a: number, b: number): number {
  const [root, child] = size[a]! >= size[b]! ? [a, b] : [b, a];
  parent[child] = root;
  size[root]! += size[child]!;
  return root;
}

/** Felzenszwalb and Huttenlocher's Algorithm 1. Writes the edges it refused to `refused`, in order, and returns how many. */
function joinSimilar(graph: PixelGraph, forest: Forest, k: number, refused: Uint32Array): number {
  const { edges, starts, offsets } = graph;
  const { parent, size, limit } = forest;
  let count = 0;
  for (let level = 0; starts[level]! < edges.length; level++) {
    const weight = level / WEIGHT_STEPS;
    for (let i = starts[level]!, end = starts[level + 1]!; i < end; i++) {
      const e = edges[i]!;
      const p = e >>> 2;
      const a = find(parent, p);
      const b = find(parent, p + offsets[e & 3]!);
      if (a === b) continue;
      if (weight <= limit[a]! && weight <= limit[b]!) {
        const root = link(forest, a, b);
        limit[root] = weight + k / size[root]!;
      } else refused[count++] = e;
    }
  }
  return count;
}

/** Joins every region below `minSize` with the neighbour across its lightest edge. */
function joinSmall(graph: PixelGraph, forest: Forest, minSize: number, refused: Uint32Array): void {
  const { parent, size } = forest;
  for (let i = 0; i < refused.length; i++) {
    const e = refused[i]!;
    const p = e >>> 2;
    const a = find(parent, p);
    const b = find(parent, p + graph.offsets[e & 3]!);
    if (a !== b && (size[a]! < minSize || size[b]! < minSize)) link(forest, a, b);
  }
}

function relabel(parent: Int32Array): Segmentation {
  const labels = new Int32Array(parent.length).fill(-1);
  let count = 0;
  for (let p = 0; p < parent.length; p++) {
    const root = find(parent, p);
    if (labels[root] === -1) labels[root] = count++;
    labels[p] = labels[root]!;
  }
  return { labels, count };
}

/** Segments a sorted pixel graph; regions are numbered by their first pixel in raster order. */
export function segment(graph: PixelGraph, k: number, minSize: number): Segmentation {
  const pixels = graph.width * graph.height;
  const forest: Forest = {
    parent: Int32Array.from({ length: pixels }, (_, i) => i),
    size: new Int32Array(pixels).fill(1),
    limit: new Float32Array(pixels).fill(k),
  };
  const refused = new Uint32Array(graph.edges.length);
  const count = joinSimilar(graph, forest, k, refused);
  joinSmall(graph, forest, minSize, refused.subarray(0, count));
  return relabel(forest.parent);
}
