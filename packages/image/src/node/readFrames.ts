import sharp from 'sharp';
import type { RgbImage } from '../rgbImage';
import { sourceOf, type PictureSource } from './pictureSource';
import { decodeRgb, decoding, frameError, readImage, type ReadImageOptions } from './readImage';

/** One picture of a file that may hold several. */
export interface Frame {
  image: RgbImage;
  /** From 0. */
  index: number;
  /** How many the file holds. */
  count: number;
}

/** Decoded at a time: a page on its own costs the decoder all pages before it. */
const batchBytes = 64e6;

/**
 * The frames of an animated GIF or WebP, in order, each whole; of any other picture the one that `readImage` gives. A few
 * are in memory at a time, however long the animation is. Rejects as `readImage` does, when it comes to the frame at fault.
 */
export async function* readFrames(
  given: PictureSource,
  options: ReadImageOptions = {},
): AsyncGenerator<Frame> {
  const source = sourceOf('readFrames', given);
  const image = await readImage(source, options);
  const count = await frameCount(source);
  yield { image, index: 0, count };
  const size = image.width * image.height * 4;
  let perBatch = Math.max(1, Math.floor(batchBytes / size));
  for (let page = 1; page < count;) {
    const pages = Math.min(perBatch, count - page);
    const batch = await decodeRgb(sharp(source, { ...decoding, page, pages })).catch((cause: unknown) => {
      if (pages === 1) throw frameError(source, { cause, index: page, count });
    });
    if (!batch) {
      // One of them is broken: those before it are given still.
      perBatch = 1;
      continue;
    }
    const { data, width, height } = batch;
    const bytes = data.length / pages;
    for (let i = 0; i < pages; i++) {
      // A copy of its own: a frame that is kept must not keep its neighbours.
      const frame = { data: data.slice(i * bytes, (i + 1) * bytes), width, height: height / pages };
      yield { image: frame, index: page + i, count };
    }
    page += pages;
  }
}

async function frameCount(source: string | Uint8Array): Promise<number> {
  // BMP, which sharp doesn't know, has one.
  const { format, pages = 1 } = await sharp(source, decoding)
    .metadata()
    .catch(() => ({ format: 'bmp', pages: 1 }));
  return format === 'gif' || format === 'webp' ? pages : 1;
}
