import { layOut, simd, type Simd } from './simd';
import { Taps } from './taps';

/** Which bins a region has, and how the cells of a bin become a value. */
export interface Pooling {
  reduce: 'max' | 'sum';
  /** Rows and columns of bins; the grids' values follow one another. */
  grids: readonly (readonly [rows: number, columns: number])[];
  /** Writes the bins of one side of a box that reaches from … to, in image pixels. */
  writeTaps(taps: Taps, from: number, to: number, bins: number): void;
}

interface Grid {
  rows: Taps;
  columns: Taps;
  /** The addresses and counts of both, as the SIMD functions take them. */
  sides: [number, number, number, number, number, number];
  bytes: number;
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
  private readonly map: Float32Array;
  private readonly gradient: Float32Array;
  private readonly bins: Float32Array;

  constructor([, height, width, channels]: number[], pooling: Pooling) {
    const padded = Math.ceil(channels! / 4) * 4;
    const cells = height! * width!;
    const binCount = pooling.grids.reduce((sum, [rows, columns]) => sum + rows * columns, 0);
    const { memory } = this.simd;
    const sides = pooling.grids.flatMap(([rows, columns]) => [
      ...Taps.bytes(rows, height!),
      ...Taps.bytes(columns, width!),
    ]);
    const mapBytes = 4 * cells * padded;
    const [map, gradient, bins, ...parts] = layOut(memory, [
      mapBytes,
      mapBytes,
      4 * binCount * padded,
      ...sides,
    ]);
    this.map = new Float32Array(memory.buffer, map, cells * padded);
    this.gradient = new Float32Array(memory.buffer, gradient, cells * padded);
    this.bins = new Float32Array(memory.buffer, bins, binCount * padded);
    this.mapSize = cells * channels!;
    this.binsSize = binCount * channels!;
    this.pooling = pooling;
    this.channels = channels!;
    this.paddedChannels = padded;
    this.grids = pooling.grids.map(([rows, columns], i): Grid => {
      const [rowStarts, rowTaps, columnStarts, columnTaps] = parts.slice(4 * i) as [
        number,
        number,
        number,
        number,
      ];
      const row = { mapSide: height!, stride: 4 * width! * padded, bins: rows };
      const column = { mapSide: width!, stride: 4 * padded, bins: columns };
      return {
        rows: new Taps(memory, { starts: rowStarts, taps: rowTaps }, row),
        columns: new Taps(memory, { starts: columnStarts, taps: columnTaps }, column),
        sides: [rowStarts, rowTaps, rows, columnStarts, columnTaps, columns],
        bytes: 4 * rows * columns * padded,
      };
    });
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

  /** Writes the bins of box r of `[R, 4]` boxes. */
  setBox(boxes: ArrayLike<number>, r: number): void {
    const { pooling } = this;
    this.grids.forEach(({ rows, columns }, i) => {
      rows.clear();
      columns.clear();
      pooling.writeTaps(rows, boxes[4 * r + 1]!, boxes[4 * r + 3]!, pooling.grids[i]![0]);
      pooling.writeTaps(columns, boxes[4 * r]!, boxes[4 * r + 2]!, pooling.grids[i]![1]);
    });
  }

  /** The map's values pooled into the box's bins. */
  forward(): void {
    let address = this.bins.byteOffset;
    for (const { sides, bytes } of this.grids) {
      this.simd[this.pooling.reduce](this.map.byteOffset, 4 * this.paddedChannels, ...sides, address);
      address += bytes;
    }
  }

  /** The bins' values, taken as dy, added to the gradient. */
  backward(): void {
    const grad = this.pooling.reduce === 'max' ? this.simd.maxGrad : this.simd.sumGrad;
    let address = this.bins.byteOffset;
    for (const { sides, bytes } of this.grids) {
      grad(this.map.byteOffset, 4 * this.paddedChannels, ...sides, address, this.gradient.byteOffset);
      address += bytes;
    }
  }
}
