import type { RgbImage } from '@roikit/image';
import { toSharp } from '@roikit/image/node';
import sharp, { type Sharp } from 'sharp';
import { overlayElements, type DrawnBox } from './overlay';

/** Smaller pictures are enlarged by a whole factor to about this many pixels on the longer side: labels need them. */
const MIN_SIDE = 960;

/** How many pixels of a drawing one pixel of the image gets. */
export function drawingScale({ width, height }: { width: number; height: number }): number {
  return Math.max(1, Math.round(MIN_SIDE / Math.max(width, height)));
}

/** The image with boxes drawn over it, as a sharp pipeline. */
export async function drawBoxes(
  image: RgbImage,
  boxes: readonly DrawnBox[],
  { lineWidth }: { lineWidth?: number } = {},
): Promise<Sharp> {
  const scale = drawingScale(image);
  const { width, height } = image;
  const elements = overlayElements(boxes, { width, height, scale, lineWidth });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width * scale}" height="${height * scale}">${elements}</svg>`;
  return sharp(await enlarged(image, scale)).composite([{ input: Buffer.from(svg) }]);
}

/** PNG bytes of the image, `scale` times its size. */
async function enlarged(image: RgbImage, scale: number): Promise<Buffer> {
  const pipeline = toSharp(image);
  if (scale > 1) {
    pipeline.resize(image.width * scale, image.height * scale, { kernel: 'cubic' });
  }
  // Little compression: this PNG is only handed from one sharp pipeline to the next.
  return pipeline.png({ compressionLevel: 1 }).toBuffer();
}
