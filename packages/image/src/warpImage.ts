import { channelsOf, checkSize, type RgbImage, type Size } from './rgbImage';
import { axisSamples, sampleWindow, type Window } from './sampleWindow';

export interface WarpImageOptions extends Size {
  /** What of the image is shown: x1 y1 x2 y2 in its pixels, continuous edges; it may reach beyond. */
  window: Window;
  /** Red, green and blue where the window reaches beyond the image. @default [0, 0, 0] torchvision's */
  fill?: readonly [number, number, number];
}

function checkWindow(window: Window): void {
  if (Array.isArray(window) && window.length === 4 && window.every(Number.isFinite)) return;
  throw new RangeError(
    `warpImage: window must be four finite numbers, x1 y1 x2 y2, got ${JSON.stringify(window)}`,
  );
}

/**
 * Stretches a window of an image over `width` × `height` pixels: bilinear, half-pixel centres, no antialiasing, each
 * axis by its own scale.
 *
 * @returns as many bytes a pixel as the image has; the fourth is 255 beyond the image.
 * @throws RangeError where the image's data do not fill it, or a side is not a positive integer.
 */
export function warpImage(image: RgbImage, options: WarpImageOptions): RgbImage {
  const { window, width, height, fill = [0, 0, 0] } = options;
  const channels = channelsOf('warpImage', image);
  checkSize('warpImage', options);
  checkWindow(window);
  const out = new Uint8ClampedArray(width * height * channels); // rounds halves to even, as torch.round
  sampleWindow(image, window, {
    columns: axisSamples(width),
    rows: axisSamples(height),
    channels,
    fill: [...fill, 255],
    out,
    offset: 0,
  });
  return { data: out, width, height };
}
