import { channelsOf, type RgbImage } from '@roikit/image';
import { distinctColor, parseHex } from './color';

export interface Segmentation {
  /** `[height · width]`, 0…count − 1 */
  labels: ArrayLike<number>;
  count: number;
}

/** How much of the picture shows through the colours: enough to recognise it, little enough to tell regions apart. */
const PICTURE_WEIGHT = 0.35;

/**
 * Each region in a colour of its own over the dimmed picture, its borders in white.
 *
 * @throws RangeError where labels are not one of `count` for each pixel
 */
export function drawSegmentation(image: RgbImage, { labels, count }: Segmentation): RgbImage {
  const { width, height, data } = image;
  const channels = channelsOf('drawSegmentation', image);
  if (labels.length !== width * height)
    throw new RangeError(
      `drawSegmentation: labels must have one entry per pixel (${width * height}), got ${labels.length}`,
    );
  const palette = Array.from({ length: count }, (_, region) => parseHex(distinctColor(region)));
  const out = new Uint8ClampedArray(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const color = palette[labels[pixel] as number];
    if (!color)
      throw new RangeError(
        `drawSegmentation: labels must be 0…${count - 1} (count ${count}), got ${labels[pixel]} at ${pixel}`,
      );
    const border =
      ((pixel + 1) % width !== 0 && labels[pixel] !== labels[pixel + 1]) ||
      (pixel + width < width * height && labels[pixel] !== labels[pixel + width]);
    for (let c = 0; c < 3; c++) {
      const mixed =
        PICTURE_WEIGHT * (data[pixel * channels + c] as number) +
        (1 - PICTURE_WEIGHT) * color[c as 0 | 1 | 2];
      out[pixel * 3 + c] = border ? 255 : mixed;
    }
  }
  return { data: out, width, height };
}
