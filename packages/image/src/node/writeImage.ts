import sharp, { type Sharp } from 'sharp';
import { channelsOf, type RgbImage } from '../rgbImage';

/** Writes a picture file in the format that the path's ending names (`imageExtensions`); transparency is dropped. */
export async function writeImage(path: string, image: RgbImage): Promise<void> {
  await toSharp(image).toFile(path);
}

/** A sharp pipeline that starts from the image's own bytes, for what `writeImage` does not do; alpha is dropped. */
export function toSharp(image: RgbImage): Sharp {
  const { data, width, height } = image;
  return sharp(data, { raw: { width, height, channels: channelsOf('toSharp', image) } }).removeAlpha();
}
