import type { Boxes } from '@roikit/geometry';
import { warpCrop, type RgbImage } from '@roikit/image';
import { normalizePixels } from '@roikit/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { combinedPart } from '../combinedPart';
import type { BackboneConfig, CropConfig, NormalizationConfig } from '../config';
import { applyModel, trunkOf } from '../backbone/convBackbone';
import { joined } from '../joined';
import { modelPart } from '../modelPart';
import type { Part, RegionFeatures } from '../parts';
import { regionsWithin } from './regionPixels';

export interface CroppedRegions extends RegionFeatures, Part {
  /** Crop → its map. */
  trunk: LayersModel;
  /** Of one region's features. */
  shape: [height: number, width: number, channels: number];
  /** Side of a crop, pixels. */
  size: number;
  /** Pixels of regions `[R, size, size, 3]`, in [0, 255]. */
  crops(image: RgbImage, boxes: Boxes): Float32Array;
  /** Crops → features, one row each; differentiable. */
  fromCrops(crops: Float32Array): tf.Tensor;
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
  const crops: CroppedRegions['crops'] = (image, boxes) => warpCrop(image, boxes, crop);
  const fromCrops = (pixels: Float32Array) =>
    tf.tidy(() => {
      const input = tf.tensor4d(pixels, [pixels.length / (3 * size * size), size, size, 3]);
      return averaged(applyModel(trunk, normalizePixels(input, normalization))[0]!, outputSize);
    });
  const [, ...shape] = tf.tidy(() => fromCrops(new Float32Array(3 * size * size)).shape);
  return {
    ...combinedPart({ body: modelPart(trunk) }),
    trunk,
    shape,
    // The widest map of a network is that of its first layer: a quarter of the pixels, 64 channels.
    regionsAtOnce: regionsWithin(16 * size * size),
    size,
    crops,
    fromCrops,
    apply: ({ images }, boxes) => fromCrops(joined(boxes.map((some, i) => crops(images[i]!, some)))),
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
