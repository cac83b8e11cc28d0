import type { Run } from '../state/derived';
import type { MapData } from '../worker/protocol';

/** From and to, cells of the map; empty where equal. */
type Range = [number, number];

/** The bins of one grid over a region. */
export interface BinGrid {
  rows: Range[];
  columns: Range[];
}

/** `std::round`: half away from zero. */
const round = (value: number) => Math.sign(value) * Math.floor(Math.abs(value) + 0.5);

/** RoI max pooling's bins of one side (caffe-fast-rcnn, roi_pooling_layer.cpp), as @roikit/ops pools. */
export function roiPoolBins(from: number, to: number, bins: number, limit: number): Range[] {
  const [start, end] = [round(from), round(to)];
  const size = Math.max(end - start + 1, 1) / bins;
  const clamp = (cell: number) => Math.min(Math.max(cell, 0), limit);
  return Array.from({ length: bins }, (_, p) => [
    clamp(start + Math.floor(p * size)),
    clamp(start + Math.ceil((p + 1) * size)),
  ]);
}

/** A spatial pyramid's bins of one side (SPP-net, App. A): ⌊x⌋ + 1 … ⌈x⌉ − 1, then n that may overlap. */
export function pyramidBins(from: number, to: number, bins: number, limit: number): Range[] {
  const [first, last] = [Math.floor(from) + 1, Math.ceil(to) - 1];
  const middle = Math.floor((first + last) / 2);
  const clamp = (cell: number) => Math.min(Math.max(cell, 0), limit - 1);
  const start = clamp(first > last ? middle : first);
  const side = clamp(first > last ? middle : last) - start + 1;
  return Array.from({ length: bins }, (_, p) => [
    start + Math.floor((p * side) / bins),
    start + Math.ceil(((p + 1) * side) / bins),
  ]);
}

/** The grids that a detector lays over a region of its map: one, or one a level of a pyramid. */
export function gridsOf({ detector, snapshot, size }: Run, map: MapData, box: readonly number[]): BinGrid[] {
  const { outputSize, levels } = detector.config['regions'] as {
    outputSize?: [number, number];
    levels?: number[];
  };
  const { inputSize } = snapshot;
  const [sx, sy] = [inputSize.width / size.width, inputSize.height / size.height];
  // RoI pooling takes cell i to be centred on stride · (i + ½), a pyramid on stride · i.
  const shift = levels ? map.center : map.center - map.stride / 2;
  const cells = (value: number, scale: number) => (value * scale - shift) / map.stride;
  const [x1, y1, x2, y2] = [cells(box[0]!, sx), cells(box[1]!, sy), cells(box[2]!, sx), cells(box[3]!, sy)];
  if (levels) {
    return levels.map((n) => ({
      rows: pyramidBins(y1, y2, n, map.height),
      columns: pyramidBins(x1, x2, n, map.width),
    }));
  }
  if (!outputSize) return [];
  return [
    {
      rows: roiPoolBins(y1, y2, outputSize[0], map.height),
      columns: roiPoolBins(x1, x2, outputSize[1], map.width),
    },
  ];
}

/** Largest value of one channel in each bin; 0 for an empty one. */
export function pooled(map: MapData, channel: number, { rows, columns }: BinGrid): Float32Array {
  const out = new Float32Array(rows.length * columns.length);
  rows.forEach(([top, bottom], r) =>
    columns.forEach(([left, right], c) => {
      let most = -Infinity;
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++)
          most = Math.max(most, map.values[(y * map.width + x) * map.channels + channel]!);
      }
      out[r * columns.length + c] = most === -Infinity ? 0 : most;
    }),
  );
  return out;
}
