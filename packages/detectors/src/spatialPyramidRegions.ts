import { spatialPyramidPool } from '@roikit/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { FeatureMap, RegionFeatures } from './parts';
import { regionPixels, regionsWithin } from './regionPixels';

export interface SpatialPyramidRegionsOptions {
  /** n of each level's n × n bins. */
  levels: readonly number[];
  /** Of the map. */
  channels: number;
}

/** Slot 2 of SPP-net: spatial pyramid pooling of one map shared by all regions of an image (§4.1). Rows `[R, 1, 1, Σn²·C]`. */
export function spatialPyramidRegions(options: SpatialPyramidRegionsOptions): RegionFeatures {
  const { levels } = options;
  const length = pyramidLength(options);
  return {
    regionsAtOnce: regionsWithin(length),
    apply: (context, boxes) =>
      tf.tidy(() => {
        const { map, field } = context.maps[0] as FeatureMap;
        // App. A takes cell i to be centred on stride · i.
        const { pixels, owners } = regionPixels(context, boxes);
        const moved = tf.sub(tf.tensor2d(pixels, [owners.length, 4]), field.center) as tf.Tensor2D;
        const spatialScale = 1 / field.stride;
        const pooled = spatialPyramidPool(map, moved, tf.tensor1d(owners, 'int32'), { levels, spatialScale });
        return tf.reshape(pooled, [-1, 1, 1, length]);
      }),
  };
}

/** Values of one region. */
export function pyramidLength({ levels, channels }: SpatialPyramidRegionsOptions): number {
  return channels * levels.reduce((bins, n) => bins + n * n, 0);
}
