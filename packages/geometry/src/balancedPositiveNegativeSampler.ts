import { checkFraction } from './checks';

export interface BalancedPositiveNegativeSamplerOptions {
  /** Boxes to draw from each image. Fast R-CNN: 64, Faster R-CNN's heads: 512 */
  batchSizePerImage: number;
  /** Largest share of positives. Fast R-CNN §2.3: 0.25 */
  positiveFraction: number;
}

/** Indices of the drawn boxes, ascending. */
export interface SampledIndices {
  positive: Int32Array;
  negative: Int32Array;
}

/**
 * Draws a fixed number of boxes of an image, at most `positiveFraction` of them positive and the rest negative; fewer
 * where there are not enough negatives (torchvision's `BalancedPositiveNegativeSampler`).
 */
export class BalancedPositiveNegativeSampler {
  readonly batchSizePerImage: number;
  readonly positiveFraction: number;

  constructor({ batchSizePerImage, positiveFraction }: BalancedPositiveNegativeSamplerOptions) {
    if (!(Number.isInteger(batchSizePerImage) && batchSizePerImage >= 0)) {
      throw new RangeError(
        `BalancedPositiveNegativeSampler: batchSizePerImage must be a whole number, got ${batchSizePerImage}`,
      );
    }
    checkFraction('BalancedPositiveNegativeSampler', 'positiveFraction', positiveFraction);
    this.batchSizePerImage = batchSizePerImage;
    this.positiveFraction = positiveFraction;
  }

  /**
   * Draws positives and negatives.
   *
   * @param labels `[N]`: ≥ 1 positive, 0 negative, below 0 never drawn
   * @param random uniform on [0, 1); see `mulberry32`
   */
  sample(labels: Int32Array, random: () => number): SampledIndices {
    const positive: number[] = [];
    const negative: number[] = [];
    labels.forEach((label, i) => {
      if (label >= 1) positive.push(i);
      else if (label === 0) negative.push(i);
    });
    const positives = Math.min(positive.length, Math.floor(this.batchSizePerImage * this.positiveFraction));
    const negatives = Math.min(negative.length, this.batchSizePerImage - positives);
    return { positive: draw(positive, positives, random), negative: draw(negative, negatives, random) };
  }
}

/** `count` of the candidates without replacement (the first steps of a Fisher–Yates shuffle), in ascending order. */
function draw(candidates: number[], count: number, random: () => number): Int32Array {
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (candidates.length - i));
    const chosen = candidates[j]!;
    candidates[j] = candidates[i]!;
    candidates[i] = chosen;
  }
  return Int32Array.from(candidates.slice(0, count)).sort();
}
