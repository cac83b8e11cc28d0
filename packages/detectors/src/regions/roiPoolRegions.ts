import { roiPool } from '@roikit/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { CellPosition } from '../config';
import type { RegionFeatures } from '../parts';
import { cellsOfRegions, inCells } from './cellsOfRegions';
import { poolFromMaps } from './poolFromMaps';
import type { ReceptiveField } from '../backbone/receptiveField';
import { regionsWithin } from './regionPixels';

export interface RoiPoolRegionsOptions {
  outputSize: [number, number];
  /** Of the maps. */
  channels: number;
  /** @default 'center' */
  cells?: CellPosition;
}

/** Slot 2 of Fast R-CNN: RoI max pooling of maps shared by all regions of an image (§2.1). */
export function roiPoolRegions(options: RoiPoolRegionsOptions): RegionFeatures {
  const { outputSize, channels, cells = 'center' } = options;
  const [height, width] = outputSize;
  // Regions meet the cells as those of the paper's VGG16, centred on stride · (i + ½). With the centre alone they would be
  // centred on their cells, and small objects are found less often (docs/defaults.md).
  const originOf = ({ stride, center }: ReceptiveField) => (cells === 'center' ? center - stride / 2 : 0);
  return {
    regionsAtOnce: regionsWithin(height * width * channels),
    // fast-rcnn's DEDUP_BOXES: RoI max pooling rounds corners to cells, half away from 0.
    cells: (context, boxes) =>
      cellsOfRegions(context, boxes, (pixels, field) => {
        const cell = inCells(pixels, { origin: originOf(field), stride: field.stride });
        return Math.sign(cell) * Math.floor(Math.abs(cell) + 0.5);
      }),
    apply: (context, boxes) =>
      poolFromMaps(context, boxes, ({ map, field }, pixels, owners) => {
        const moved = tf.sub(pixels, originOf(field)) as tf.Tensor2D;
        return roiPool(map, moved, owners, { outputSize, spatialScale: 1 / field.stride });
      }),
  };
}
