import type { Kernel } from './kernel/kernel';
import type { Regions } from './regions';
import { DIRECTIONS } from './texture';
import type { Similarity } from './types';

/** Names of the similarities, for checks. */
export const SIMILARITIES: readonly Similarity[] = ['color', 'texture', 'size', 'fill'];

/** Similarity of the regions in rows a and b. */
export type RegionSimilarity = (a: number, b: number) => number;

/** Σ min of the L1-normalised colour histograms (IJCV 2013 Eq 1). */
function color({ wasm }: Kernel, { rows, rowFloats, textureAt, sizes, channels }: Regions): RegionSimilarity {
  const vectors = textureAt / 4;
  return (a, b) =>
    wasm.intersection(
      rows + 4 * a * rowFloats,
      rows + 4 * b * rowFloats,
      vectors,
      1 / (sizes[a]! * channels),
      1 / (sizes[b]! * channels),
    );
}

/** Σ min of the L1-normalised texture histograms (Eq 3). */
function texture(
  { wasm }: Kernel,
  { rows, rowFloats, textureAt, sizes, channels }: Regions,
): RegionSimilarity {
  const vectors = (rowFloats - textureAt) / 4;
  const first = rows + 4 * textureAt;
  const sums = channels * DIRECTIONS;
  return (a, b) =>
    wasm.intersection(
      first + 4 * a * rowFloats,
      first + 4 * b * rowFloats,
      vectors,
      1 / (sizes[a]! * sums),
      1 / (sizes[b]! * sums),
    );
}

/** 1 − (|a| + |b|) / |image| (Eq 4). */
function size({ sizes }: Regions, pixels: number): RegionSimilarity {
  return (a, b) => 1 - (sizes[a]! + sizes[b]!) / pixels;
}

/** 1 − (|BB(a ∪ b)| − |a| − |b|) / |image| (Eq 5; the paper prints size(ri) twice). */
function fill({ boxes, sizes }: Regions, pixels: number): RegionSimilarity {
  return (a, b) => {
    const i = 4 * a;
    const j = 4 * b;
    const width = Math.max(boxes[i + 2]!, boxes[j + 2]!) - Math.min(boxes[i]!, boxes[j]!);
    const height = Math.max(boxes[i + 3]!, boxes[j + 3]!) - Math.min(boxes[i + 1]!, boxes[j + 1]!);
    return 1 - (width * height - sizes[a]! - sizes[b]!) / pixels;
  };
}

/** The sum of the chosen similarities (Eq 6). */
export function regionSimilarity(
  kernel: Kernel,
  regions: Regions,
  similarities: readonly Similarity[],
  pixels: number,
): RegionSimilarity {
  const all: Record<Similarity, () => RegionSimilarity> = {
    color: () => color(kernel, regions),
    texture: () => texture(kernel, regions),
    size: () => size(regions, pixels),
    fill: () => fill(regions, pixels),
  };
  const terms = [...new Set(similarities)].map((name) => all[name]());
  return (a, b) => {
    let sum = 0;
    for (const term of terms) sum += term(a, b);
    return sum;
  };
}
