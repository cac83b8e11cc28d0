import type { RgbImage } from '@roikit/image';

/** Longer pictures are shrunk to this: no detector here looks closer, and a photo of 12 megapixels stays light. */
const MAX_SIDE = 1600;

/** Bytes of a picture file → pixels, EXIF orientation applied. Throws for what is no picture. */
export async function decodePicture(file: Blob, name: string): Promise<RgbImage> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`${name || 'This'} is not a picture that this browser can read.`);
  });
  const scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  context.fillStyle = '#fff'; // what shines through transparent pictures on most pages
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  return { data, width, height };
}
