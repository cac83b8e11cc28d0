import type { ImageSize } from '@roikit/geometry';
import { normalizeImage } from '@roikit/ops';
import type { TransformConfig } from '../config';
import type { ImageTransform } from '../parts';
import { resizeScale } from './resizeTransform';

/** Strides of all pyramid levels but the last divide it: their cells then meet. */
const MULTIPLE = 32;

/**
 * torchvision's `GeneralizedRCNNTransform` for one image: resizes to ⌊side · scale⌋ (bilinear, half-pixel centres, no
 * antialiasing), normalises, and pads with zeros, the mean colour, right and bottom to multiples of 32.
 *
 * @param smallest sides are padded to at least this: the network must have something to say of a thin picture
 */
export function paddedTransform(config: TransformConfig, smallest = 1): ImageTransform {
  const { mean, std } = config;
  const padded = (side: number) => Math.ceil(Math.max(side, smallest) / MULTIPLE) * MULTIPLE;
  return {
    apply: (image, { scale = 1 } = {}) => {
      const scaled = { minSize: config.minSize * scale, maxSize: config.maxSize * scale };
      const size = flooredSize(image, scaled);
      const paddedSize = { width: padded(size.width), height: padded(size.height) };
      return { input: normalizeImage(image, { size, paddedSize, mean, std }), size };
    },
  };
}

/** Size before padding, often a pixel under the target: 600 × 1000 → 799 × 1333. */
export function flooredSize(
  { width, height }: ImageSize,
  limits: Pick<TransformConfig, 'minSize' | 'maxSize'>,
): ImageSize {
  const scale = resizeScale({ width, height }, limits);
  return {
    width: Math.max(1, Math.floor(width * scale)),
    height: Math.max(1, Math.floor(height * scale)),
  };
}
