import { channelsOf, checkSize, type RgbImage, type Size } from './rgbImage';
import { warpImage } from './warpImage';

/**
 * Resizes as torchvision's `resize(…, antialias=False)` and its detectors' transform do: bilinear, half-pixel centres,
 * each axis by its own scale. MATLAB's `imresize(…, 'bilinear', 'antialiasing', false)`, OpenCV's `INTER_LINEAR` and so
 * Caffe's data layers follow the same rule. Below half the size it skips pixels, and `resizePillow` serves better.
 *
 * @returns as many bytes a pixel as the image has.
 * @throws RangeError where the image's data do not fill it, or a side is not a positive integer.
 */
export function resizeTorchvision(image: RgbImage, { width, height }: Size): RgbImage {
  channelsOf('resizeTorchvision', image);
  checkSize('resizeTorchvision', { width, height });
  return warpImage(image, { window: [0, 0, image.width, image.height], width, height });
}
