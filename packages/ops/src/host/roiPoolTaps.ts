import type { Taps } from './taps';

/** `std::round`: half away from zero. */
const round = (value: number): number => Math.sign(value) * Math.floor(Math.abs(value) + 0.5);

/**
 * The bins of one side of a box. Corners are rounded half away from zero and both belong to the box, a side is at least
 * one cell, and bin p spans ⌊p·side/bins⌋ … ⌈(p+1)·side/bins⌉ (caffe-fast-rcnn, roi_pooling_layer.cpp). Products are
 * rounded to float32 as in torchvision, whose last of 7 bins reaches one cell further where the side is 57, 114, 121…
 */
export function roiPoolTaps(taps: Taps, from: number, to: number, bins: number, scale: number): void {
  const start = round(Math.fround(from * Math.fround(scale)));
  const end = round(Math.fround(to * Math.fround(scale)));
  const binSize = Math.fround(Math.max(end - start + 1, 1) / bins);
  for (let p = 0; p < bins; p++) {
    taps.addRange(
      start + Math.floor(Math.fround(p * binSize)),
      start + Math.ceil(Math.fround((p + 1) * binSize)),
    );
    taps.closeBin();
  }
}
