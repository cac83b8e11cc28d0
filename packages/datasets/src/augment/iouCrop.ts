import { boxIou, gatherBoxes, type Boxes, type ImageSize } from '@roikit/geometry';
import { checkRange } from '../checks';
import { integer, pick, uniform, type Random } from '../random';
import type { Sample } from '../types';
import { centresInside, viewSample, type View } from './view';

export interface IouCropOptions {
  /** Range of the crop's sides as a part of the picture's. @default [0.3, 1] torchvision's SSD preset */
  scaleRange?: readonly [number, number];
  random: Random;
}

// SSD §2.2: the least overlap with an object, drawn anew for each crop; 1 is the whole picture.
const leastOverlaps = [0, 0.1, 0.3, 0.5, 0.7, 0.9, 1] as const;
const usualRange = [0.3, 1] as const;
const trials = 40;
const aspectRatios = [0.5, 2] as const;

/**
 * Cuts a random part with an object out of a sample (torchvision's `RandomIoUCrop`; Liu et al. 2016, SSD §2.2). Draw the
 * view with `randomIouCrop` instead where more boxes, such as proposals, must follow.
 */
export function iouCrop(sample: Sample, options: IouCropOptions): Sample {
  return viewSample(sample, randomIouCrop(sample, options));
}

/** Draws the crop; the whole picture where it has no object. */
export function randomIouCrop({ image, truth }: Sample, options: IouCropOptions): View {
  checkRange('iouCrop', 'scaleRange', options.scaleRange ?? usualRange, { least: 0, most: 1 });
  for (;;) {
    const leastOverlap = pick(options.random, leastOverlaps);
    if (leastOverlap === 1 || truth.labels.length === 0) return whole(image);
    for (let trial = 0; trial < trials; trial++) {
      const view = drawView(image, options);
      if (view && bestOverlap(truth.boxes, view) >= leastOverlap) return view;
    }
  }
}

const whole = ({ width, height }: ImageSize): View => ({ scale: 1, left: 0, top: 0, width, height });

/** Whole pixels; nothing where it would be too long. */
function drawView(image: ImageSize, { scaleRange = usualRange, random }: IouCropOptions): View | undefined {
  const width = Math.floor(image.width * uniform(random, ...scaleRange));
  const height = Math.floor(image.height * uniform(random, ...scaleRange));
  const [narrow, wide] = aspectRatios;
  if (!(width >= narrow * height && width <= wide * height) || width === 0) return undefined;
  const left = integer(random, 0, image.width - width);
  const top = integer(random, 0, image.height - height);
  return { scale: 1, left, top, width, height };
}

/** Of the objects whose centre is in the view; −1 where there is none. */
function bestOverlap(boxes: Boxes, view: View): number {
  const inside = centresInside(boxes, view);
  if (inside.length === 0) return -1;
  const { left, top, width, height } = view;
  return Math.max(
    ...boxIou(gatherBoxes(boxes, inside), Float32Array.of(left, top, left + width, top + height)),
  );
}
