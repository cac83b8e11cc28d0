import type { Regions } from './regions';
import type { Similarity } from './types';

/** Similarity of the regions in rows a and b. */
export type RegionSimilarity = (a: number, b: number) => number;

/** Σ min of two L1-normalised histograms, given as counts and the reciprocals of their sums (IJCV 2013 Eq 1, 3). */
function intersection(
  rows: Float32Array,
  bins: number,
  a: number,
  scaleA: number,
  b: number,
  scaleB: number,
): number {
  let sum = 0;
  for (let i = 0, p = a * bins, q = b * bins; i < bins; i++, p++, q++) {
    const u = rows[p]! * scaleA;
    const v = rows[q]! * scaleB;
    sum += u < v ? u : v;
  }
  return sum;
}

/** 1 − (|BB(a ∪ b)| − |a| − |b|) / |image|. (Eq 5; the paper prints size(ri) twice.) */
function fill({ boxes, sizes }: Regions, a: number, b: number, pixels: number): number {
  const i = 4 * a;
  const j = 4 * b;
  const width = Math.max(boxes[i + 2]!, boxes[j + 2]!) - Math.min(boxes[i]!, boxes[j]!);
  const height = Math.max(boxes[i + 3]!, boxes[j + 3]!) - Math.min(boxes[i + 1]!, boxes[j + 1]!);
  return 1 - (width * height - sizes[a]! - sizes[b]!) / pixels;
}

/** The sum of the chosen similarities (Eq 6). */
export function regionSimilarity(
  regions: Regions,
  similarities: readonly Similarity[],
  pixels: number,
): RegionSimilarity {
  const { sizes, color, colorBins, texture, textureBins } = regions;
  const channels = colorBins / 25;
  const useColor = similarities.includes('color');
  const useTexture = similarities.includes('texture');
  const useSize = similarities.includes('size');
  const useFill = similarities.includes('fill');
  return (a, b) => {
    const perA = 1 / (sizes[a]! * channels);
    const perB = 1 / (sizes[b]! * channels);
    let sum = 0;
    if (useColor) sum += intersection(color, colorBins, a, perA, b, perB);
    if (useTexture) sum += intersection(texture, textureBins, a, perA / 8, b, perB / 8);
    if (useSize) sum += 1 - (sizes[a]! + sizes[b]!) / pixels;
    if (useFill) sum += fill(regions, a, b, pixels);
    return sum;
  };
}
