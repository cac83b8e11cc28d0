import type { RoiAlignAttrs } from '../roiAlign';
import type { Taps } from './taps';

/**
 * The bins of one side of a box: bilinear weights are a product of a row's and a column's, so the samples of a bin are
 * summed side by side. Rounded to float32 where vision:torchvision/csrc/ops/cpu/roi_align_kernel.cpp is, since a sample
 * counts or not, and the adaptive grid has one more or not, by those values.
 */
export function roiAlignTaps(taps: Taps, from: number, to: number, bins: number, attrs: RoiAlignAttrs): void {
  const scale = Math.fround(attrs.spatialScale);
  const shift = attrs.aligned ? 0.5 : 0;
  const start = Math.fround(Math.fround(from * scale) - shift);
  const end = Math.fround(Math.fround(to * scale) - shift);
  const extent = attrs.aligned ? Math.fround(end - start) : Math.max(Math.fround(end - start), 1);
  const binSize = Math.fround(extent / bins);
  const samples = attrs.samplingRatio > 0 ? attrs.samplingRatio : Math.ceil(binSize);
  const reachable = Number.isFinite(binSize) ? samples : 0;
  for (let p = 0; p < bins; p++) {
    const binStart = Math.fround(start + Math.fround(p * binSize));
    const [first, end] = samplesWithin(taps.mapSide, { binStart, binSize, samples: reachable });
    for (let i = first; i < end; i++) {
      const step = Math.fround(Math.fround((i + 0.5) * binSize) / samples);
      addSample(taps, Math.fround(binStart + step), 1 / samples);
    }
    taps.closeBin();
  }
}

/**
 * The samples that may lie on the map: of a box a million times as long, only they take time. Some more on each side,
 * as float32 puts them where it can.
 */
function samplesWithin(
  mapSide: number,
  { binStart, binSize, samples }: { binStart: number; binSize: number; samples: number },
): [number, number] {
  const spacing = binSize / samples;
  if (!(spacing > 0)) return [0, samples];
  const rounding = (Math.max(Math.abs(binStart), binSize) / spacing) * 2 ** -21;
  const more = Math.min(2 + rounding, 4096);
  const first = Math.floor((-1 - binStart) / spacing - more);
  const end = Math.ceil((mapSide - binStart) / spacing + more);
  return [Math.max(0, first), Math.min(samples, end)];
}

/** One bilinear sample: nothing more than one cell outside the map, the border's value within. */
function addSample(taps: Taps, at: number, weight: number): void {
  const last = taps.mapSide - 1;
  if (!(at >= -1 && at <= taps.mapSide)) return;
  const low = Math.min(Math.floor(Math.max(at, 0)), last);
  const fraction = low === last ? 0 : Math.max(at, 0) - low;
  taps.add(low, (1 - fraction) * weight);
  if (fraction > 0) taps.add(low + 1, fraction * weight);
}
