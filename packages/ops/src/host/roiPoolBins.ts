/** `std::round`: half away from zero. */
const round = (value: number): number => Math.sign(value) * Math.floor(Math.abs(value) + 0.5);

const clamp = (value: number, max: number): number => Math.min(Math.max(value, 0), max);

/**
 * The bins of one side of a region: writes `[start, end)` of bin p at `bins[2p]`, clipped to the map; a bin outside the
 * map has end ≤ start. Ends are rounded half away from zero and inclusive, a side is at least one cell, and bin p spans
 * ⌊p·side/count⌋ … ⌈(p+1)·side/count⌉ (caffe-fast-rcnn, roi_pooling_layer.cpp). The products are rounded to float32 as
 * in torchvision: its last of 7 bins reaches one cell further where the side is 57, 114, 121…
 */
export function roiPoolBins(
  from: number,
  to: number,
  { scale, count, mapSide }: { scale: number; count: number; mapSide: number },
  bins: Int32Array,
): void {
  const start = round(Math.fround(from * Math.fround(scale)));
  const end = round(Math.fround(to * Math.fround(scale)));
  const binSize = Math.fround(Math.max(end - start + 1, 1) / count);
  for (let p = 0; p < count; p++) {
    bins[2 * p] = clamp(start + Math.floor(Math.fround(p * binSize)), mapSide);
    bins[2 * p + 1] = clamp(start + Math.ceil(Math.fround((p + 1) * binSize)), mapSide);
  }
}
