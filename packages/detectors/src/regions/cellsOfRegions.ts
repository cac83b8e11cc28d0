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
  const cells = new Int32Array(5 * maps.length);
  for (let row = 0, o = 0; row < maps.length; row++) {
    const { field } = context.maps[maps[row]!]!;
    for (let c = 0; c < 4; c++) cells[o++] = cellAt(pixels[4 * row + c]!, field, c < 2 ? 'first' : 'last');
    cells[o++] = maps[row]!;
  }
  return cells;
}
