import type { SpatialPyramidPoolAttrs } from '../spatialPyramidPool';
import type { Taps } from './taps';

/** First and last cell of a side that reaches from … to in image pixels, before they are clamped to the map. */
function project(
  from: number,
  to: number,
  { projection, spatialScale }: SpatialPyramidPoolAttrs,
): [number, number] {
  const scale = Math.fround(spatialScale);
  const cells = (pixels: number): number => Math.fround(Math.fround(pixels) * scale);
  if (projection === 'paper') return [Math.floor(cells(from)) + 1, Math.ceil(cells(to)) - 1];
  // spm_response_boxes.m counts pixels and cells from 1: its x is our x1 + 1 on the left, our x2 on the right.
  const { offset0, offset } = projection;
  return [
    Math.floor(cells(from + 1 - offset0 + offset) + 0.5),
    Math.ceil(cells(to - offset0 - offset) - 0.5),
  ];
}

/** The n bins of one side of a box (SPP-net §2.3, App. A). */
export function spatialPyramidTaps(
  taps: Taps,
  from: number,
  to: number,
  n: number,
  attrs: SpatialPyramidPoolAttrs,
): void {
  const [first, last] = project(from, to, attrs);
  const middle = Math.floor((first + last) / 2);
  const clamp = (cell: number): number => Math.min(Math.max(cell, 0), taps.mapSide - 1);
  const start = clamp(first > last ? middle : first);
  const side = clamp(first > last ? middle : last) - start + 1;
  for (let p = 0; p < n; p++) {
    if (attrs.bins === 'adaptive') {
      taps.addRange(start + Math.floor((p * side) / n), start + Math.ceil(((p + 1) * side) / n));
    } else {
      const binStart = start + p * Math.floor(side / n);
      taps.addRange(binStart, binStart + Math.ceil(side / n));
    }
    taps.closeBin();
  }
}
