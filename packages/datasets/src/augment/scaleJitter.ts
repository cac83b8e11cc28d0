import type { ImageSize } from '@roikit/geometry';
import type { Random } from '../random';
import { uniform } from '../random';
import type { Sample } from '../types';
import { viewSample, type View } from './view';

export interface ScaleJitterOptions {
  /** Range of the enlargement. @default [0.5, 2] below, bilinear sampling would skip pixels */
  scaleRange?: readonly [number, number];
  random: Random;
}

/**
 * Enlarges or shrinks a sample and keeps its size, cut or padded at a random place (torchvision's `ScaleJitter`, then
 * `FixedSizeCrop`; Ghiasi et al. 2021, "Simple Copy-Paste"). Draw the view with `randomView` instead where more boxes,
 * such as proposals, must follow.
 */
export function scaleJitter(sample: Sample, options: ScaleJitterOptions): Sample {
  return viewSample(sample, randomView(sample.image, options));
}

/** Draws a view as large as the picture. */
export function randomView(
  { width, height }: ImageSize,
  { scaleRange = [0.5, 2], random }: ScaleJitterOptions,
): View {
  const [low, high] = scaleRange;
  if (!(low > 0 && low <= high)) {
    throw new RangeError(
      `scaleJitter: scaleRange must be [low, high] with 0 < low ≤ high, got [${low}, ${high}]`,
    );
  }
  const scale = uniform(random, low, high);
  // What is too large is cut at a random place, what is too small lies at a random place: both are this product.
  return { scale, width, height, left: (scale - 1) * width * random(), top: (scale - 1) * height * random() };
}
