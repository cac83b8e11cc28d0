import type { Boxes } from '@roikit/geometry';
import { mapsOfRegions } from './poolFromMaps';
import type { RegionContext } from '../parts';
import type { ReceptiveField } from '../backbone/receptiveField';
import { regionPixels } from './regionPixels';

/** The cell that a corner falls on. @param side `first` of x1 and y1, `last` of x2 and y2 */
export type CornerCell = (pixels: number, field: ReceptiveField, side: 'first' | 'last') => number;

/** A corner in cells of a map whose cell 0 begins at `origin`, as the pooling kernels have it: each step in float32. */
export function inCells(pixels: number, { origin, stride }: { origin: number; stride: number }): number {
  const { fround } = Math;
  return fround(fround(pixels - fround(origin)) * fround(1 / stride));
}

/** First and last cell of each region along both sides, and its map: `[R, 5]`. */
export function cellsOfRegions(context: RegionContext, boxes: Boxes, cellAt: CornerCell): Int32Array {
  const { pixels } = regionPixels(context, [boxes]);
  const maps = mapsOfRegions(pixels, context.maps);
  return Int32Array.from({ length: 5 * maps.length }, (_, i) => {
    const [row, corner] = [Math.floor(i / 5), i % 5];
    const { field } = context.maps[maps[row]!]!;
    return corner === 4
      ? maps[row]!
      : cellAt(pixels[4 * row + corner]!, field, corner < 2 ? 'first' : 'last');
  });
}
