import type { Kernel } from './kernel/kernel';
import { DIRECTIONS, ORIENTATIONS, TEXTURE_BINS } from './texture';
import type { LabelMap, Planes } from './types';

const COLOR_BINS = 25;

/** What the similarities need of the regions of one segmentation. */
export interface Regions {
  count: number;
  /** Pixels. */
  sizes: Int32Array;
  /** `[count × 4]`, x1 y1 x2 y2, continuous edges. */
  boxes: Int32Array;
  channels: number;
  /** Address of the histograms, float counts `[count × rowFloats]`: 25 colour bins a channel, zeros up to textureAt, 80 texture bins a channel. */
  rows: number;
  rowFloats: number;
  textureAt: number;
}

function measureRegions(
  { wasm, arena }: Kernel,
  { labels, count }: LabelMap,
  width: number,
  height: number,
): Pick<Regions, 'sizes' | 'boxes'> {
  const mark = arena.mark;
  const table = arena.alloc(20 * count);
  const start = arena.i32(table, 5 * count);
  for (let i = 0; i < start.length; i++) start[i] = i % 5 === 1 || i % 5 === 2 ? 0x7fffffff : 0;
  wasm.measure(labels, width, height, table);
  const sizes = Int32Array.from({ length: count }, (_, r) => start[5 * r]!);
  const boxes = Int32Array.from({ length: 4 * count }, (_, i) => start[5 * (i >> 2) + 1 + (i & 3)]!);
  arena.release(mark);
  return { sizes, boxes };
}

/** The codes leave out the direction whose response is negative: its pixels, missing to the size, belong in bin 0. */
function completeTexture(counts: Int32Array, { sizes, rowFloats, textureAt }: Omit<Regions, 'rows'>): void {
  for (let r = 0; r < sizes.length; r++) {
    for (let at = r * rowFloats + textureAt; at < (r + 1) * rowFloats; at += TEXTURE_BINS) {
      let rest = sizes[r]!;
      for (let b = 1; b < TEXTURE_BINS; b++) rest -= counts[at + b]!;
      counts[at] = rest;
    }
  }
}

/** Sizes, boxes and histograms of all regions, each in one pass over the pixels. The histograms stay in the kernel's memory. */
export function describeRegions(kernel: Kernel, image: Planes, codes: number, map: LabelMap): Regions {
  const { wasm, arena } = kernel;
  const { width, height, planes } = image;
  const channels = planes.length;
  const textureAt = Math.ceil((COLOR_BINS * channels) / 4) * 4; // the kernel adds and compares four bins at a time
  const rowFloats = textureAt + channels * DIRECTIONS * TEXTURE_BINS;
  const rows = arena.alloc(4 * map.count * rowFloats);
  arena.i32(rows, map.count * rowFloats).fill(0);
  const pixels = width * height;
  planes.forEach((plane, c) =>
    wasm.countColors(plane, map.labels, pixels, rows + 4 * c * COLOR_BINS, 4 * rowFloats),
  );
  wasm.countCodes(codes, channels * ORIENTATIONS, map.labels, pixels, rows + 4 * textureAt, 4 * rowFloats);
  const regions = {
    count: map.count,
    ...measureRegions(kernel, map, width, height),
    channels,
    rowFloats,
    textureAt,
  };
  completeTexture(arena.i32(rows, map.count * rowFloats), regions);
  wasm.countsToFloats(rows, (map.count * rowFloats) / 4);
  return { ...regions, rows };
}

/** Pairs of neighbouring regions (4-connected), each once, `[P × 2]` with a < b, sorted by a then b. */
export function neighbourPairs(
  { wasm, arena }: Kernel,
  { labels, count }: LabelMap,
  width: number,
  height: number,
): Int32Array {
  const mark = arena.mark;
  const touching = arena.alloc(16 * width * height);
  const length = wasm.touchingPairs(labels, width, height, touching);
  const raw = arena.i32(touching, 2 * length);
  const seen = new Set<number>();
  for (let i = 0, last = -1; i < raw.length; i += 2) {
    const key = raw[i]! * count + raw[i + 1]!;
    if (key !== last) seen.add(key);
    last = key;
  }
  arena.release(mark);
  const keys = Float64Array.from(seen).sort();
  return Int32Array.from({ length: 2 * keys.length }, (_, i) =>
    i & 1 ? keys[i >> 1]! % count : Math.floor(keys[i >> 1]! / count),
  );
}
