import { multiScaleRoiAlign } from '@roikit/heads';
import type { RegionFeatures } from '../parts';
import { regionPixels, regionsWithin } from './regionPixels';
import type { RoiPoolRegionsOptions } from './roiPoolRegions';

export interface MultiScaleRegionsOptions extends RoiPoolRegionsOptions {
  /** Maps that regions are pooled from, finest first; a pyramid's coarser ones are for its proposals only. */
  levels: number;
}

/** Slot 2 of Faster R-CNN with a pyramid: RoIAlign of each region from the map of its size (FPN §4.2). */
export function multiScaleRegions({
  outputSize,
  channels,
  levels,
  cells = 'center',
}: MultiScaleRegionsOptions): RegionFeatures {
  return {
    regionsAtOnce: regionsWithin(outputSize[0] * outputSize[1] * channels),
    apply: (context, boxes) => {
      const maps = context.maps.slice(0, levels);
      const { pixels, owners } = regionPixels(context, boxes);
      return multiScaleRoiAlign(
        maps.map(({ map }) => map),
        pixels,
        owners,
        {
          outputSize,
          scales: maps.map(({ field }) => 1 / field.stride),
          centers: maps.map(({ field }) => (cells === 'center' ? field.center : 0)),
        },
      );
    },
  };
}
