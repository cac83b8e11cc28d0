/**
 * One side of a region's bins, where assembly/ reads it: bin p has the taps `starts[p]` … `starts[p + 1] − 1`, each a
 * cell along the side (kept as its byte offset) and a weight.
 */
export class Taps {
  /** Cells of the map along this side. */
  readonly mapSide: number;
  private readonly stride: number;
  private readonly starts: Int32Array;
  private readonly offsets: Int32Array;
  private readonly weights: Float32Array;
  private bin = 0;
  private end = 0;

  constructor(
    memory: WebAssembly.Memory,
    { starts, taps }: { starts: number; taps: number },
    { mapSide, stride, bins }: { mapSide: number; stride: number; bins: number },
  ) {
    this.mapSide = mapSide;
    this.stride = stride;
    this.starts = new Int32Array(memory.buffer, starts, bins + 1);
    this.offsets = new Int32Array(memory.buffer, taps, 2 * bins * mapSide);
    this.weights = new Float32Array(memory.buffer, taps, 2 * bins * mapSide);
  }

  /** Bytes that `starts` and `taps` take: a bin has each cell of the side once at most. */
  static bytes(bins: number, mapSide: number): [starts: number, taps: number] {
    return [4 * (bins + 1), 8 * bins * mapSide];
  }

  clear(): void {
    this.bin = 0;
    this.end = 0;
    this.starts[0] = 0;
  }

  /** Adds a cell to the bin, or its weight to the cell that the bin holds already: most often the last or last but one. */
  add(cell: number, weight: number): void {
    const offset = cell * this.stride;
    const first = this.starts[this.bin]!;
    for (let tap = this.end - 1; tap >= first; tap--) {
      if (this.offsets[2 * tap] === offset) {
        this.weights[2 * tap + 1]! += weight;
        return;
      }
    }
    this.push(offset, weight);
  }

  /** Adds the cells start … end − 1 that lie on the map. */
  addRange(start: number, end: number): void {
    const last = Math.min(end, this.mapSide);
    for (let cell = Math.max(start, 0); cell < last; cell++) this.push(cell * this.stride, 1);
  }

  closeBin(): void {
    this.starts[++this.bin] = this.end;
  }

  private push(offset: number, weight: number): void {
    this.offsets[2 * this.end] = offset;
    this.weights[2 * this.end + 1] = weight;
    this.end++;
  }
}
