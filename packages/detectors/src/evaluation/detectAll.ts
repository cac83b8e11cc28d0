import type { RgbImage } from '@roikit/image';
import { inOrder } from './inOrder';
import type { Detector, DetectOptions, TimedDetections } from '../types';

/**
 * Objects in many images, in the order of the images. A pool of detectors (`detectorPool` of `/node`) works on as many
 * as it has workers, and an image is asked for only when a worker will soon be free.
 */
export function detectAll(
  detector: Detector,
  images: Iterable<RgbImage> | AsyncIterable<RgbImage>,
  options: DetectOptions = {},
): AsyncGenerator<TimedDetections> {
  return inOrder(images, (image) => detector.detect(image, options), { atOnce: imagesAtOnce(detector) });
}

/** Two a worker, so that none waits for an image while the caller is busy with another. */
export function imagesAtOnce({ workers = 1 }: Detector): number {
  return workers === 1 ? 1 : 2 * workers;
}
