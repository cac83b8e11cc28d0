import { gatherBoxes, type Boxes, type GroundTruth, type ImageSize } from '@roikit/geometry';
import { warpImage, type RgbImage } from '@roikit/image';
import type { Random } from '../random';
import { uniform } from '../random';
import type { Sample } from '../types';

/** A window of `width` × `height` pixels at (left, top) of a picture enlarged `scale` times; it may reach beyond. */
export interface View extends ImageSize {
  scale: number;
  left: number;
  top: number;
}

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

/**
 * A sample as seen in a view, sampled bilinearly. Objects whose centre lies outside are dropped (SSD's rule: their rest
 * shows too little to learn from), the others clipped.
 */
export function viewSample(sample: Sample, view: View): Sample {
  return { ...sample, image: viewImage(sample.image, view), truth: viewTruth(sample.truth, view) };
}

/** Boxes `[N, 4]` in the coordinates of a view, clipped to it: those outside are left with no area. */
export function viewBoxes(boxes: Boxes, { scale, left, top, width, height }: View): Boxes {
  return boxes.map((value, i) => {
    const [offset, side] = i % 2 === 0 ? [left, width] : [top, height];
    return Math.min(Math.max(value * scale - offset, 0), side);
  });
}

function viewTruth(truth: GroundTruth, view: View): GroundTruth {
  const boxes = viewBoxes(truth.boxes, view);
  const kept = Array.from(truth.labels.keys()).filter((i) =>
    isCentreInside(truth.boxes.subarray(4 * i, 4 * i + 4), view),
  );
  return {
    boxes: gatherBoxes(boxes, kept),
    labels: Int32Array.from(kept, (i) => truth.labels[i]!),
    ...(truth.difficult && { difficult: Uint8Array.from(kept, (i) => truth.difficult![i]!) }),
    ...(truth.crowd && { crowd: Uint8Array.from(kept, (i) => truth.crowd![i]!) }),
    ...(truth.area && { area: Float32Array.from(kept, (i) => truth.area![i]! * view.scale ** 2) }),
  };
}

function isCentreInside(box: Boxes, { scale, left, top, width, height }: View): boolean {
  const x = ((box[0]! + box[2]!) / 2) * scale - left;
  const y = ((box[1]! + box[3]!) / 2) * scale - top;
  return x > 0 && y > 0 && x < width && y < height;
}

// ImageNet's mean, as torchvision's SSD preset pads with: it vanishes in normalisation.
const fill = [123, 117, 104] as const;

function viewImage(image: RgbImage, { scale, left, top, width, height }: View): RgbImage {
  const window = [left / scale, top / scale, (left + width) / scale, (top + height) / scale] as const;
  return warpImage(image, { window, width, height, fill });
}
