import type { Boxes, ImageSize, RgbImage } from '@roikit/geometry';
import type { Sample } from '../types';

export interface FlipOptions {
  /** 'horizontal' exchanges left and right, 'vertical' top and bottom. @default 'horizontal' */
  axis?: 'horizontal' | 'vertical';
}

/** Mirrors image and boxes; the sample itself is untouched. */
export function flipSample(sample: Sample, options: FlipOptions = {}): Sample {
  const { image, truth } = sample;
  return {
    ...sample,
    image: flipImage(image, options),
    truth: { ...truth, boxes: flipBoxes(truth.boxes, image, options) },
  };
}

/** Mirrors the pixels of an image. */
export function flipImage(
  { data, width, height }: RgbImage,
  { axis = 'horizontal' }: FlipOptions = {},
): RgbImage {
  const channels = data.length / (width * height);
  const flipped = new Uint8Array(data.length);
  const row = width * channels;
  for (let y = 0; y < height; y++) {
    if (axis === 'vertical') flipped.set(data.subarray(y * row, (y + 1) * row), (height - 1 - y) * row);
    else flipRow(data, flipped, { start: y * row, width, channels });
  }
  return { data: flipped, width, height };
}

/** Mirrors boxes in an image of a size. Continuous edges: x becomes width − x, and the two edges change places. */
export function flipBoxes(boxes: Boxes, size: ImageSize, { axis = 'horizontal' }: FlipOptions = {}): Boxes {
  const flipped = boxes.slice();
  const [offset, extent] = axis === 'horizontal' ? [0, size.width] : [1, size.height];
  for (let i = offset; i < boxes.length; i += 4) {
    flipped[i] = extent - boxes[i + 2]!;
    flipped[i + 2] = extent - boxes[i]!;
  }
  return flipped;
}

type Pixels = RgbImage['data'];
function flipRow(
  from: Pixels,
  to: Uint8Array,
  row: { start: number; width: number; channels: number },
): void {
  let target = row.start;
  for (let x = row.width - 1; x >= 0; x--) {
    const source = row.start + x * row.channels;
    for (let c = 0; c < row.channels; c++) to[target++] = from[source + c]!;
  }
}
