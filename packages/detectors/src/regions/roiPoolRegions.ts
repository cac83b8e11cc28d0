import { roiPool } from '@roikit/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { RegionFeatures } from '../parts';
import { cellsOfRegions } from './cellsOfRegions';
import { poolFromMaps } from './poolFromMaps';
import type { ReceptiveField } from '../backbone/receptiveField';
import { regionsWithin } from './regionPixels';

export interface RoiPoolRegionsOptions {
  outputSize: [number, number];
  /** Of the maps. */
  channels: number;
}

/** Slot 2 of Fast R-CNN: RoI max pooling of maps shared by all regions of an image (§2.1). */
export function roiPoolRegions({ outputSize, channels }: RoiPoolRegionsOptions): RegionFeatures {
  const [height, width] = outputSize;
  return {
    regionsAtOnce: regionsWithin(height * width * channels),
    // fast-rcnn's DEDUP_BOXES: RoI max pooling rounds corners to cells, half away from 0.
    cells: (context, boxes) => cellsOfRegions(context, boxes, cellAt),
    apply: (context, boxes) =>
      poolFromMaps(context, boxes, ({ map, field }, pixels, owners) => {
        const moved = tf.sub(pixels, shiftOf(field)) as tf.Tensor2D;
        return roiPool(map, moved, owners, { outputSize, spatialScale: 1 / field.stride });
      }),
  };
}

function cellAt(value: number, field: ReceptiveField): number {
  const cell = Math.fround(Math.fround(value - shiftOf(field)) / field.stride);
  return Math.sign(cell) * Math.floor(Math.abs(cell) + 0.5);
}

/** `roiPool` takes cell i to be centred on stride · (i + ½): moving the boxes makes it so. */
function shiftOf({ stride, center }: ReceptiveField): number {
  return center - stride / 2;
}
