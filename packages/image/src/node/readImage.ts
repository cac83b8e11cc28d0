import sharp from 'sharp';
import type { RgbImage, Size } from '../rgbImage';
import { ImageFileError } from './imageFileError';

/** File endings that `readImage` takes. */
export const imageExtensions = ['.jpg', '.jpeg', '.png', '.webp', '.tif', '.tiff', '.gif', '.avif'];

// 'error' passes what decoders merely warn about (stray bytes between markers, common in real photos) and
// still rejects a truncated file.
const decoding = { failOn: 'error', autoOrient: true } as const;

/**
 * Decodes a picture to 3 bytes a pixel (sRGB), turned as its EXIF orientation says. Transparency is dropped, as
 * PIL's `convert('RGB')` does.
 *
 * @param source a path, or the bytes of a file.
 * @throws ImageFileError that names the file: missing, not a picture, truncated.
 */
export async function readImage(source: string | Uint8Array): Promise<RgbImage> {
  try {
    const pipeline = sharp(source, decoding).toColourspace('srgb').removeAlpha().raw({ depth: 'uchar' });
    const { data, info } = await pipeline.toBuffer({ resolveWithObject: true });
    // A plain view: a Buffer's `slice` would share memory where Uint8Array's copies.
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { data: bytes, width: info.width, height: info.height };
  } catch (error) {
    throw new ImageFileError(source, error);
  }
}

/** Width and height from the header alone, EXIF orientation applied. Rejects as `readImage` does. */
export async function readImageSize(source: string | Uint8Array): Promise<Size> {
  try {
    const { autoOrient } = await sharp(source, decoding).metadata();
    return { width: autoOrient.width, height: autoOrient.height };
  } catch (error) {
    throw new ImageFileError(source, error);
  }
}
