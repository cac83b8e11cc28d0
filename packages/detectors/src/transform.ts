import type { Boxes, ImageSize, RgbImage } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import type { TransformConfig } from './config';

/** Size an image is resized to: shorter side minSize unless the longer one would pass maxSize. */
function resizedSize(image: ImageSize, { minSize, maxSize }: TransformConfig): ImageSize {
  const shorter = Math.min(image.width, image.height);
  const longer = Math.max(image.width, image.height);
  const scale = Math.min(minSize / shorter, maxSize / longer);
  return {
    width: Math.max(1, Math.round(image.width * scale)),
    height: Math.max(1, Math.round(image.height * scale)),
  };
}

/** Image → the backbone's input `[1, height, width, 3]`: resized bilinearly, scaled to [0, 1], normalised. */
export function transformImage(image: RgbImage, config: TransformConfig): tf.Tensor4D {
  return tf.tidy(() => {
    const { width, height } = resizedSize(image, config);
    let pixels: tf.Tensor4D = tf.tensor4d(toFloat(image), [1, image.height, image.width, 3]);
    if (width !== image.width || height !== image.height) {
      pixels = tf.image.resizeBilinear(pixels, [height, width], false, true); // half-pixel centres, as torchvision
    }
    // (x / 255 − mean) / std in one multiplication and one subtraction.
    const scale = tf.tensor1d(config.std.map((std) => 1 / (255 * std)));
    const shift = tf.tensor1d(config.mean.map((mean, i) => mean / config.std[i]!));
    return tf.sub(tf.mul(pixels, scale), shift) as tf.Tensor4D;
  });
}

/** Boxes in pixels of an image of size `from` → pixels of the same image resized to `to`. */
export function resizeBoxes(boxes: Boxes, from: ImageSize, to: ImageSize): Boxes {
  const ratios = [to.width / from.width, to.height / from.height];
  return boxes.map((value, i) => value * ratios[i & 1]!);
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
    rgb[j++] = data[i]!;
    rgb[j++] = data[i + 1]!;
    rgb[j++] = data[i + 2]!;
  }
  return rgb;
}
