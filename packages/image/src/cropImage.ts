import { channelsOf, checkSize, type RgbImage, type Size } from './rgbImage';

/** A rectangle of whole pixels; it may reach beyond the image. */
export interface Crop extends Size {
  /** Column of its first pixel; below 0 it starts left of the image. */
  left: number;
  top: number;
}

/**
 * Cuts a rectangle of whole pixels out, in new memory; zeros where it reaches beyond the image, as torchvision's `crop`.
 *
 * @throws RangeError unless the numbers are whole and the sides positive.
 */
export function cropImage(image: RgbImage, { left, top, width, height }: Crop): RgbImage {
  const channels = channelsOf('cropImage', image);
  checkSize('cropImage', { width, height });
  if (!Number.isInteger(left) || !Number.isInteger(top))
    throw new RangeError(`cropImage: left and top must be integers, got ${left} and ${top}; round them`);
  const data = new Uint8Array(width * height * channels);
  const from = Math.max(0, left);
  const to = Math.min(image.width, left + width);
  if (from >= to) return { data, width, height };
  for (let y = Math.max(0, top); y < Math.min(image.height, top + height); y++) {
    const row = image.data.subarray((y * image.width + from) * channels, (y * image.width + to) * channels);
    data.set(row, ((y - top) * width + from - left) * channels);
  }
  return { data, width, height };
}

/** The middle rectangle of a size, where torchvision's `CenterCrop` puts it (Python rounds halves to even). */
export function centerCrop(image: RgbImage, { width, height }: Size): RgbImage {
  const left = roundHalfToEven((image.width - width) / 2);
  const top = roundHalfToEven((image.height - height) / 2);
  return cropImage(image, { left, top, width, height });
}

function roundHalfToEven(value: number): number {
  return value % 1 === 0.5 || value % 1 === -0.5 ? 2 * Math.round(value / 2) : Math.round(value);
}
