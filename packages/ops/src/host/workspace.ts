import { layOut, simd, type Simd } from './simd';
import { Taps } from './taps';

/** Which bins a region has, and how the cells of a bin become a value. */
export interface Pooling {
  reduce: 'max' | 'sum';
  /** Rows and columns of bins; the grids' values follow one another. */
  grids: readonly (readonly [rows: number, columns: number])[];
  /**
   * Of each grid, another with more bins of which its own are made: a maximum of maxima needs no second look at the map.
   * @default none
   */
  sources?: readonly (number | undefined)[];
  /** Writes the bins of one side of a box that reaches from … to, in image pixels. */
  writeTaps(taps: Taps, from: number, to: number, bins: number): void;
}

interface Grid {
  rows: Taps;
  columns: Taps;
  /** The addresses and counts of both, as the SIMD functions take them. */
  sides: Sides;
  bytes: number;
  /** Of the region's bins, where its own begin. */
  address: number;
  /** Where it is made of another grid's bins: these, and its taps in them. */
  nested?: { address: number; sides: Sides };
}

type Sides = [number, number, number, number, number, number];

interface GridShape {
  /** Rows and columns of bins. */
  counts: readonly [number, number];
  /** Rows and columns of the cells that they are made of. */
  over: readonly [number, number];
  cellBytes: number;
}

/** The two sides of a grid, in memory at the addresses that `parts` gives. */
function gridTaps(
  memory: WebAssembly.Memory,
  { counts: [rows, columns], over: [height, width], cellBytes }: GridShape,
  parts: readonly number[],
): Pick<Grid, 'rows' | 'columns' | 'sides'> {
  const [rowStarts, rowTaps, columnStarts, columnTaps] = parts as [number, number, number, number];
  const row = { mapSide: height, stride: width * cellBytes, bins: rows };
  const column = { mapSide: width, stride: cellBytes, bins: columns };
  return {
    rows: new Taps(memory, { starts: rowStarts, taps: rowTaps }, row),
    columns: new Taps(memory, { starts: columnStarts, taps: columnTaps }, column),
    sides: [rowStarts, rowTaps, rows, columnStarts, columnTaps, columns],
  };
}

/** Each bin as many of the cells, one after the other. */
function unions({ rows, columns, sides }: ReturnType<typeof gridTaps>, { counts, over }: GridShape): Sides {
  for (const [axis, taps] of [rows, columns].entries()) {
    const each = over[axis]! / counts[axis]!;
    taps.clear();
    for (let bin = 0; bin < counts[axis]!; bin++) {
      taps.addRange(bin * each, (bin + 1) * each);
      taps.closeBin();
    }
  }
  return sides;
}

/** Copies cells of `channels` floats into cells padded to `stride` floats, or back. */
function copyCells(from: Float32Array, to: Float32Array, strides: [from: number, to: number]): void {
  if (strides[0] === strides[1]) return to.set(from);
  const channels = Math.min(...strides);
  for (let i = 0, j = 0; i < from.length; i += strides[0], j += strides[1]) {
    for (let c = 0; c < channels; c++) to[j + c] = from[i + c]!;
  }
}

/**
 * The SIMD module's memory laid out for one operation: one image's map and its gradient, one region's bins. Memory is
 * reused by the next operation, so a workspace lives for one call.
 */
export class Workspace {
  /** Floats of one image's map, and of one region's bins, without padding. */
  readonly mapSize: number;
  readonly binsSize: number;
  private readonly simd: Simd = simd();
  private readonly pooling: Pooling;
  private readonly channels: number;
  private readonly paddedChannels: number;
  private readonly grids: Grid[];
  private readonly order: Grid[];
  private readonly map: Float32Array;
  private readonly gradient: Float32Array;
  private readonly bins: Float32Array;

  constructor([, height, width, channels]: number[], pooling: Pooling) {
    const padded = Math.ceil(channels! / 4) * 4;
    const cells = height! * width!;
    const binCount = pooling.grids.reduce((sum, [rows, columns]) => sum + rows * columns, 0);
    const { memory } = this.simd;
    const { grids, sources = [] } = pooling;
    const sides = grids.flatMap(([rows, columns]) => [
      ...Taps.bytes(rows, height!),
      ...Taps.bytes(columns, width!),
    ]);
    const nestedSides = grids.flatMap(([rows, columns], i) => {
      const source = grids[sources[i] ?? -1];
      return source ? [...Taps.bytes(rows, source[0]), ...Taps.bytes(columns, source[1])] : [];
    });
    const mapBytes = 4 * cells * padded;
    const [map, gradient, bins, ...parts] = layOut(memory, [
      mapBytes,
      mapBytes,
      4 * binCount * padded,
      ...sides,
      ...nestedSides,
    ]);
    this.map = new Float32Array(memory.buffer, map, cells * padded);
    this.gradient = new Float32Array(memory.buffer, gradient, cells * padded);
    this.bins = new Float32Array(memory.buffer, bins, binCount * padded);
    this.mapSize = cells * channels!;
    this.binsSize = binCount * channels!;
    this.pooling = pooling;
    this.channels = channels!;
    this.paddedChannels = padded;
    const cellBytes = 4 * padded;
    let address = bins!;
    this.grids = grids.map((counts): Grid => {
      const taps = gridTaps(memory, { counts, over: [height!, width!], cellBytes }, parts.splice(0, 4));
      const grid = { ...taps, bytes: counts[0] * counts[1] * cellBytes, address };
      address += grid.bytes;
      return grid;
    });
    for (const [i, source] of sources.entries()) {
      if (source === undefined) continue;
      const shape = { counts: grids[i]!, over: grids[source]!, cellBytes };
      const sides = unions(gridTaps(memory, shape, parts.splice(0, 4)), shape);
      this.grids[i]!.nested = { address: this.grids[source]!.address, sides };
    }
    // Those that others are made of come first: they have more bins.
    this.order = this.grids.toSorted((one, other) => other.bytes - one.bytes);
  }

  loadMap(values: Float32Array): void {
    copyCells(values, this.map, [this.channels, this.paddedChannels]);
  }

  loadBins(values: Float32Array): void {
    copyCells(values, this.bins, [this.channels, this.paddedChannels]);
  }

  storeBins(values: Float32Array): void {
    copyCells(this.bins, values, [this.paddedChannels, this.channels]);
  }

  clearGradient(): void {
    this.gradient.fill(0);
  }

  storeGradient(values: Float32Array): void {
    copyCells(this.gradient, values, [this.paddedChannels, this.channels]);
  }

  /**
   * Writes the bins of box r of `[R, 4]` boxes; for `forward` those that are made of others need not be known.
   */
  setBox(boxes: ArrayLike<number>, r: number, { forward }: { forward: boolean }): void {
    const { pooling } = this;
    this.grids.forEach(({ rows, columns, nested }, i) => {
      if (forward && nested) return;
      rows.clear();
      columns.clear();
      pooling.writeTaps(rows, boxes[4 * r + 1]!, boxes[4 * r + 3]!, pooling.grids[i]![0]);
      pooling.writeTaps(columns, boxes[4 * r]!, boxes[4 * r + 2]!, pooling.grids[i]![1]);
    });
  }

  /** The map's values pooled into the box's bins. */
  forward(): void {
    const reduce = this.simd[this.pooling.reduce];
    for (const { sides, address, nested } of this.order) {
      if (nested) reduce(nested.address, 4 * this.paddedChannels, ...nested.sides, address);
      else reduce(this.map.byteOffset, 4 * this.paddedChannels, ...sides, address);
    }
  }

  /** The bins' values, taken as dy, added to the gradient. */
  backward(): void {
    const grad = this.pooling.reduce === 'max' ? this.simd.maxGrad : this.simd.sumGrad;
    for (const { sides, address } of this.grids)
      grad(this.map.byteOffset, 4 * this.paddedChannels, ...sides, address, this.gradient.byteOffset);
  }
}
