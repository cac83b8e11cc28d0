import type { Run } from '../state/derived';
import type { MapData } from '../worker/protocol';

/** From and to, in cells of the map: cell i reaches from i to i + 1. */
type Range = [number, number];

/** The bins of one grid over a region. */
interface BinGrid {
  rows: Range[];
  columns: Range[];
}

/** A grid on the map that the region is pooled from. */
export interface PooledGrid extends BinGrid {
  map: MapData;
  /** What of a bin is kept: its largest value, or the mean of samples between cells (RoIAlign). */
  keeps: 'max' | 'mean';
}

/** What `regions` of a configuration may say; each kind of detector has its own. */
interface RegionsConfig {
  outputSize?: [number, number];
  levels?: number[];
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

/** RoIAlign's bins of one side, unaligned as torchvision's detectors: nothing is rounded. */
export function roiAlignBins(from: number, to: number, bins: number): Range[] {
  const size = Math.max(to - from, 1) / bins;
  // A sample at u lies between the centres of cells, which are at i + ½ here.
  return Array.from({ length: bins }, (_, p) => [from + p * size + 0.5, from + (p + 1) * size + 0.5]);
}

/** The map that a region of a pyramid is pooled from: ⌊4 + log2(√area / 224)⌋, kept within the levels (FPN, Eq. 1). */
function pyramidMap(maps: readonly MapData[], width: number, height: number): MapData {
  const [first, last] = [Math.log2(maps[0]!.stride), Math.log2(maps.at(-1)!.stride)];
  const level = Math.floor(4 + Math.log2(Math.sqrt(width * height) / 224) + 1e-6);
  return maps[Math.min(Math.max(level, first), last) - first] ?? maps[0]!;
}

/** The grids that a detector lays over a region: one, or one a level of a spatial pyramid; none where it crops. */
export function gridsOf({ detector, snapshot, size }: Run, box: readonly number[]): PooledGrid[] {
  const { outputSize, levels } = detector.config['regions'] as RegionsConfig;
  const { inputSize, maps } = snapshot;
  if (maps.length === 0) return [];
  const [sx, sy] = [inputSize.width / size.width, inputSize.height / size.height];
  const [x1, y1, x2, y2] = [box[0]! * sx, box[1]! * sy, box[2]! * sx, box[3]! * sy];
  const isPyramid = detector.config['fpn'] != null;
  const pooledMaps = maps.slice(0, detector.config.backbone.layers.length);
  const map = isPyramid ? pyramidMap(pooledMaps, x2 - x1, y2 - y1) : maps[0]!;
  // RoI pooling takes cell i to be centred on stride · (i + ½), the others on stride · i.
  const shift = isPyramid || levels ? map.center : map.center - map.stride / 2;
  const cells = (value: number) => (value - shift) / map.stride;
  const grid = (
    n: readonly [number, number],
    binsOf: typeof roiPoolBins,
    keeps: 'max' | 'mean',
  ): PooledGrid => ({
    map,
    keeps,
    rows: binsOf(cells(y1), cells(y2), n[0], map.height),
    columns: binsOf(cells(x1), cells(x2), n[1], map.width),
  });
  if (levels) return levels.map((n) => grid([n, n], pyramidBins, 'max'));
  if (!outputSize) return [];
  return [isPyramid ? grid(outputSize, roiAlignBins, 'mean') : grid(outputSize, roiPoolBins, 'max')];
}

/** What a grid leaves of one channel. */
export function pooled(grid: PooledGrid, channel: number): Float32Array {
  const { rows, columns, keeps } = grid;
  const value = keeps === 'max' ? largest : meanOfSamples;
  return Float32Array.from({ length: rows.length * columns.length }, (_, i) =>
    value(grid, channel, rows[Math.floor(i / columns.length)]!, columns[i % columns.length]!),
  );
}

/** Largest value in a bin of whole cells; 0 for an empty one. */
function largest({ map }: PooledGrid, channel: number, [top, bottom]: Range, [left, right]: Range): number {
  let most = -Infinity;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++)
      most = Math.max(most, map.values[(y * map.width + x) * map.channels + channel]!);
  }
  return most === -Infinity ? 0 : most;
}

/** Mean of 2 × 2 samples, each between its four cells. */
function meanOfSamples({ map }: PooledGrid, channel: number, rows: Range, columns: Range): number {
  const at = ([from, to]: Range, share: number) => from + share * (to - from) - 0.5;
  const samples = [0.25, 0.75].flatMap((v) =>
    [0.25, 0.75].map((u) => between(map, channel, at(rows, v), at(columns, u))),
  );
  return samples.reduce((a, b) => a + b, 0) / samples.length;
}

/** Bilinear: nothing more than a cell outside the map, the border's value within. */
function between(
  { values, width, height, channels }: MapData,
  channel: number,
  y: number,
  x: number,
): number {
  if (y < -1 || y > height || x < -1 || x > width) return 0;
  const side = (value: number, last: number) => {
    const low = Math.min(Math.floor(Math.max(value, 0)), last);
    return { low, high: Math.min(low + 1, last), part: low === last ? 0 : Math.max(value, 0) - low };
  };
  const [row, column] = [side(y, height - 1), side(x, width - 1)];
  const cell = (r: number, c: number) => values[(r * width + c) * channels + channel]!;
  const upper = cell(row.low, column.low) * (1 - column.part) + cell(row.low, column.high) * column.part;
  const lower = cell(row.high, column.low) * (1 - column.part) + cell(row.high, column.high) * column.part;
  return upper * (1 - row.part) + lower * row.part;
}
