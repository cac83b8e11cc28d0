import type { Boxes, RgbImage } from '@roikit/geometry';
import type { Sample } from '../types';

/** Mirrors image and boxes left to right; the sample itself is untouched. */
export function flipSample(sample: Sample): Sample {
  const { image, truth } = sample;
  return { ...sample, image: flipImage(image), truth: { ...truth, boxes: flipBoxes(truth.boxes, image.width) } };
}

function flipImage({ data, width, height }: RgbImage): RgbImage {
  const channels = data.length / (width * height);
  const flipped = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    let to = y * width * channels;
    for (let x = width - 1; x >= 0; x--) {
      const from = (y * width + x) * channels;
      for (let c = 0; c < channels; c++) flipped[to++] = data[from + c]!;
    }
  }
  return { data: flipped, width, height };
}

/** Continuous edges: x becomes width − x, and the two edges change places. */
function flipBoxes(boxes: Boxes, width: number): Boxes {
  const flipped = boxes.slice();
  for (let i = 0; i < boxes.length; i += 4) {
    flipped[i] = width - boxes[i + 2]!;
    flipped[i + 2] = width - boxes[i]!;
  }
  return flipped;
}
