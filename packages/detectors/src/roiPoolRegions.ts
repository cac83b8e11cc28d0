import { roiPool } from '@roikit/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { FeatureMap, RegionFeatures } from './parts';
import { regionPixels, regionsWithin } from './regionPixels';

export interface RoiPoolRegionsOptions {
  outputSize: [number, number];
  /** Of the map. */
  channels: number;
}

/** Slot 2 of Fast R-CNN: RoI max pooling of one map shared by all regions of an image (§2.1). */
export function roiPoolRegions({ outputSize, channels }: RoiPoolRegionsOptions): RegionFeatures {
  const [height, width] = outputSize;
  return {
    regionsAtOnce: regionsWithin(height * width * channels),
    // fast-rcnn's DEDUP_BOXES: RoI max pooling rounds corners to cells, half away from 0.
    cells: (context, boxes) => {
      const { field } = context.maps[0] as FeatureMap;
      const { pixels } = regionPixels(context, [boxes]);
      const shift = field.center - field.stride / 2;
      return Int32Array.from(pixels, (value) => {
        const cell = Math.fround(Math.fround(value - shift) / field.stride);
        return Math.sign(cell) * Math.floor(Math.abs(cell) + 0.5);
      });
    },
    apply: (context, boxes) =>
      tf.tidy(() => {
        const { map, field } = context.maps[0] as FeatureMap;
        const { pixels, owners } = regionPixels(context, boxes);
        // `roiPool` takes cell i to be centred on stride · (i + ½): moving the boxes makes it so.
        const shift = field.center - field.stride / 2;
        const moved = tf.sub(tf.tensor2d(pixels, [owners.length, 4]), shift) as tf.Tensor2D;
        const spatialScale = 1 / field.stride;
        return roiPool(map, moved, tf.tensor1d(owners, 'int32'), { outputSize, spatialScale });
      }),
  };
}
