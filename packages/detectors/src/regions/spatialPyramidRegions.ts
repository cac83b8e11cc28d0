import { spatialPyramidPool } from '@roikit/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { RegionFeatures } from '../parts';
import { cellsOfRegions, inCells, type CornerCell } from './cellsOfRegions';
import { poolFromMaps } from './poolFromMaps';
import { regionsWithin } from './regionPixels';

export interface SpatialPyramidRegionsOptions {
  /** n of each level's n × n bins. */
  levels: readonly number[];
  /** Of the maps. */
  channels: number;
}

/** Slot 2 of SPP-net: spatial pyramid pooling of maps shared by all regions of an image (§4.1). Rows `[R, 1, 1, Σn²·C]`. */
export function spatialPyramidRegions(options: SpatialPyramidRegionsOptions): RegionFeatures {
  const { levels } = options;
  const length = pyramidLength(options);
  return {
    regionsAtOnce: regionsWithin(length),
    cells: (context, boxes) => cellsOfRegions(context, boxes, cellAt),
    apply: (context, boxes) =>
      poolFromMaps(context, boxes, ({ map, field }, pixels, owners) => {
        // App. A takes cell i to be centred on stride · i.
        const moved = tf.sub(pixels, field.center) as tf.Tensor2D;
        const pooled = spatialPyramidPool(map, moved, owners, { levels, spatialScale: 1 / field.stride });
        return tf.reshape(pooled, [-1, 1, 1, length]);
      }),
  };
}

/** App. A. */
const cellAt: CornerCell = (pixels, { stride, center }, side) => {
  const cells = inCells(pixels, { origin: center, stride });
  return side === 'first' ? Math.floor(cells) + 1 : Math.ceil(cells) - 1;
};

/** Values of one region. */
export function pyramidLength({ levels, channels }: SpatialPyramidRegionsOptions): number {
  return channels * levels.reduce((bins, n) => bins + n * n, 0);
}
