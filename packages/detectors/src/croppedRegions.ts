import { warpCrop } from '@roikit/image';
import { normalizePixels } from '@roikit/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { combinedPart } from './combinedPart';
import type { BackboneConfig, CropConfig, NormalizationConfig } from './config';
import { applyModel, trunkOf } from './convBackbone';
import { modelPart } from './modelPart';
import type { Part, RegionFeatures } from './parts';
import { regionsWithin } from './regionPixels';

export interface CroppedRegions extends RegionFeatures, Part {
  /** Crop → its map. */
  trunk: LayersModel;
  /** Of one region's features. */
  shape: [height: number, width: number, channels: number];
}

export interface CroppedRegionsOptions extends CropConfig {
  normalization: NormalizationConfig;
  backbone: BackboneConfig;
  /** Draws the initial weights. */
  random?: () => number;
}

/**
 * Slot 2 of R-CNN: every region is cropped from the image, warped to the network's input and goes through all of its
 * convolutions (§2.1, App. A). Rows `[R, height, width, C]`.
 */
export function croppedRegions(options: CroppedRegionsOptions): CroppedRegions {
  const { size, mode, context: border, normalization, outputSize } = options;
  const trunk = trunkOf(options.backbone, options.random);
  const { mean } = normalization;
  const crop = { size, mode, context: border, fill: [255 * mean[0], 255 * mean[1], 255 * mean[2]] as const };
  const features = (pixels: tf.Tensor4D) =>
    averaged(applyModel(trunk, normalizePixels(pixels, normalization))[0]!, outputSize);
  const [, ...shape] = tf.tidy(() => features(tf.zeros([1, size, size, 3])).shape);
  return {
    ...combinedPart({ body: modelPart(trunk) }),
    trunk,
    shape,
    // The widest map of a network is that of its first layer: a quarter of the pixels, 64 channels.
    regionsAtOnce: regionsWithin(16 * size * size),
    apply: ({ images }, boxes) =>
      tf.tidy(() => {
        const crops = boxes.map((some, i) =>
          tf.tensor4d(warpCrop(images[i]!, some, crop), [some.length / 4, size, size, 3]),
        );
        return features(tf.concat(crops));
      }),
  };
}

/** Averages over windows of one size, so that a map becomes `height` × `width`; as it is where it has that size (pool5). */
function averaged(map: tf.Tensor4D, [height, width]: readonly [number, number]): tf.Tensor4D {
  const [, h, w] = map.shape;
  if (h < height || w < width) {
    throw new RangeError(
      `createDetector: regions.outputSize must be at most the network's map of a crop, ${h} × ${w}, got ${height} × ${width}`,
    );
  }
  const [down, right] = [Math.floor(h / height), Math.floor(w / width)];
  return tf.avgPool(map, [h - (height - 1) * down, w - (width - 1) * right], [down, right], 'valid');
}
