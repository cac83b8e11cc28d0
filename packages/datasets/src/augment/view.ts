import { gatherBoxes, type Boxes, type GroundTruth, type ImageSize } from '@roikit/geometry';
import { warpImage, type RgbImage } from '@roikit/image';
import type { Sample } from '../types';

/** A window of `width` × `height` pixels at (left, top) of a picture enlarged `scale` times; it may reach beyond. */
export interface View extends ImageSize {
  scale: number;
  left: number;
  top: number;
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
  const kept = centresInside(truth.boxes, view);
  return {
    boxes: gatherBoxes(boxes, kept),
    labels: Int32Array.from(kept, (i) => truth.labels[i]!),
    ...(truth.difficult && { difficult: Uint8Array.from(kept, (i) => truth.difficult![i]!) }),
    ...(truth.crowd && { crowd: Uint8Array.from(kept, (i) => truth.crowd![i]!) }),
    ...(truth.area && { area: Float32Array.from(kept, (i) => truth.area![i]! * view.scale ** 2) }),
  };
}

/** Which of boxes `[N, 4]` have their centre in a view. */
export function centresInside(boxes: Boxes, { scale, left, top, width, height }: View): number[] {
  return Array.from({ length: boxes.length / 4 }, (_, i) => i).filter((i) => {
    const x = ((boxes[4 * i]! + boxes[4 * i + 2]!) / 2) * scale - left;
    const y = ((boxes[4 * i + 1]! + boxes[4 * i + 3]!) / 2) * scale - top;
    return x > 0 && y > 0 && x < width && y < height;
  });
}

// ImageNet's mean, as torchvision's SSD preset pads with: it vanishes in normalisation.
const fill = [123, 117, 104] as const;

function viewImage(image: RgbImage, { scale, left, top, width, height }: View): RgbImage {
  const window = [left / scale, top / scale, (left + width) / scale, (top + height) / scale] as const;
  return warpImage(image, { window, width, height, fill });
}
