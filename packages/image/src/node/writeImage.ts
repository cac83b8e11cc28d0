import { extname } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { channelsOf, type RgbImage } from '../rgbImage';
import { ImageFileError } from './imageFileError';

/** Those of `imageExtensions` that sharp knows how to make. */
const writable = '.jpg .jpeg .png .webp .tif .tiff .gif .avif'.split(' ');

/**
 * Writes a picture file in the format that the path's ending names; transparency is dropped.
 *
 * @throws ImageFileError for an ending that can't be written, naming those that can
 */
export async function writeImage(path: string, image: RgbImage): Promise<void> {
  const ending = extname(path).toLowerCase();
  if (!writable.includes(ending)) {
    throw new ImageFileError(path, {
      what: `pictures are not written with the ending '${ending}'`,
      cure: `take one of ${writable.join(' ')}`,
    });
  }
  await toSharp(image).toFile(path);
}

/** A sharp pipeline that starts from the image's own bytes, for what `writeImage` does not do; alpha is dropped. */
export function toSharp(image: RgbImage): Sharp {
  const { data, width, height } = image;
  return sharp(data, { raw: { width, height, channels: channelsOf('toSharp', image) } }).removeAlpha();
}
