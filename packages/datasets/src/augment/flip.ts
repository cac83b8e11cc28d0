import type { Boxes, ImageSize } from '@roikit/geometry';
import { flipImage, type FlipOptions } from '@roikit/image';
import { checkChoice } from '../checks';
import type { Sample } from '../types';

/** Mirrors image and boxes; the sample itself is untouched. */
export function flipSample(sample: Sample, options: FlipOptions = {}): Sample {
  const { image, truth } = sample;
  return {
    ...sample,
    image: flipImage(image, options),
    truth: { ...truth, boxes: flipBoxes(truth.boxes, image, options) },
  };
}

/** Mirrors boxes in an image of a size. Continuous edges: x becomes width − x, and the two edges change places. */
export function flipBoxes(boxes: Boxes, size: ImageSize, { axis = 'horizontal' }: FlipOptions = {}): Boxes {
  checkChoice('flipBoxes', 'axis', axis, ['horizontal', 'vertical']);
  const flipped = boxes.slice();
  const [offset, extent] = axis === 'horizontal' ? [0, size.width] : [1, size.height];
  for (let i = offset; i < boxes.length; i += 4) {
    flipped[i] = extent - boxes[i + 2]!;
    flipped[i + 2] = extent - boxes[i]!;
  }
  return flipped;
}
