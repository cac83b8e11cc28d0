import type { ImageSize } from '@roikit/geometry';
import type { RgbImage } from '@roikit/image';
import * as tf from '@tensorflow/tfjs-core';
import type { NormalizationConfig, TransformConfig } from './config';
import type { ImageTransform } from './parts';

/**
 * Resizes bilinearly, scales to [0, 1] and normalises.
 *
 * @param smallest sides are never shorter than this: a thin picture is stretched rather than lost
 */
export function resizeTransform(config: TransformConfig, smallest = 1): ImageTransform {
  return {
    apply: (image, { scale = 1 } = {}) => {
      const scaled = { minSize: config.minSize * scale, maxSize: config.maxSize * scale };
      const size = resizedSize(image, scaled, smallest);
      return { input: normalized(image, size, config), size };
    },
  };
}

/** Size an image is resized to: shorter side minSize unless the longer one would pass maxSize. */
function resizedSize(
  image: ImageSize,
  limits: Pick<TransformConfig, 'minSize' | 'maxSize'>,
  smallest = 1,
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

/** The image resized to a size, scaled to [0, 1] and normalised: `[1, height, width, 3]`. */
export function normalized(
  image: RgbImage,
  { width, height }: ImageSize,
  { mean, std }: TransformConfig,
): tf.Tensor4D {
  return tf.tidy(() => {
    let pixels: tf.Tensor4D = tf.tensor4d(toFloat(image), [1, image.height, image.width, 3]);
    if (width !== image.width || height !== image.height) {
      pixels = tf.image.resizeBilinear(pixels, [height, width], false, true); // half-pixel centres, as torchvision
    }
    return normalize(pixels, { mean, std });
  });
}

/** (x / 255 − mean) / std in one multiplication and one subtraction. */
export function normalize(pixels: tf.Tensor4D, { mean, std }: NormalizationConfig): tf.Tensor4D {
  const scale = tf.tensor1d(std.map((value) => 1 / (255 * value)));
  const shift = tf.tensor1d(mean.map((value, i) => value / (std[i] as number)));
  return tf.sub(tf.mul(pixels, scale), shift) as tf.Tensor4D;
}

function toFloat({ data, width, height }: RgbImage): Float32Array {
  const count = width * height;
  if (data.length === 3 * count) return new Float32Array(data);
  if (data.length !== 4 * count) {
    throw new RangeError(
      `detect: image.data must hold 3 or 4 bytes a pixel (${3 * count} or ${4 * count} for ${width}×${height}), got ${data.length}`,
    );
  }
  const rgb = new Float32Array(3 * count);
  for (let i = 0, j = 0; i < data.length; i += 4) {
    rgb[j++] = data[i] as number;
    rgb[j++] = data[i + 1] as number;
    rgb[j++] = data[i + 2] as number;
  }
  return rgb;
}
