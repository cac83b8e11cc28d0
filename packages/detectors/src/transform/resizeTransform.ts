import type { ImageSize } from '@roikit/geometry';
import { normalizeImage } from '@roikit/ops';
import type { TransformConfig } from '../config';
import type { ImageTransform } from '../parts';

/**
 * Resizes bilinearly, scales to [0, 1] and normalises.
 *
 * @param smallest sides are never shorter than this: a thin picture is stretched rather than lost
 */
export function resizeTransform(config: TransformConfig, smallest = 1): ImageTransform {
  const { mean, std } = config;
  return {
    apply: (image, { scale = 1 } = {}) => {
      const scaled = { minSize: config.minSize * scale, maxSize: config.maxSize * scale };
      const size = resizedSize(image, scaled, smallest);
      return { input: normalizeImage(image, { size, mean, std }), size };
    },
  };
}

/** Size an image is resized to: shorter side minSize unless the longer one would pass maxSize. */
function resizedSize(
  image: ImageSize,
  limits: Pick<TransformConfig, 'minSize' | 'maxSize'>,
  smallest: number,
): ImageSize {
  const scale = resizeScale(image, limits);
  return {
    width: Math.max(smallest, Math.round(image.width * scale)),
    height: Math.max(smallest, Math.round(image.height * scale)),
  };
}

/** What both sides are multiplied with. */
export function resizeScale(
  { width, height }: ImageSize,
  { minSize, maxSize }: Pick<TransformConfig, 'minSize' | 'maxSize'>,
): number {
  return Math.min(minSize / Math.min(width, height), maxSize / Math.max(width, height));
}
