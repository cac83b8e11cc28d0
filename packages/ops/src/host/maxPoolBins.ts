/** One image of a feature map, `[height, width, channels]`. */
export interface MapShape {
  height: number;
  width: number;
  channels: number;
}

/** The rows and the columns of one region's bins, `[start, end)` pairs. */
export interface Bins {
  rows: Int32Array;
  columns: Int32Array;
}

/** The maximum of every bin and channel into `out`, `[rows, columns, channels]`; an empty bin keeps 0. */
export function maxPoolBins(
  features: Float32Array,
  map: MapShape,
  { rows, columns }: Bins,
  out: Float32Array,
): void {
  const { width, channels } = map;
  let offset = 0;
  for (let r = 0; r < rows.length; r += 2) {
    for (let q = 0; q < columns.length; q += 2, offset += channels) {
      if (rows[r + 1]! <= rows[r]! || columns[q + 1]! <= columns[q]!) continue;
      out.fill(-Infinity, offset, offset + channels);
      for (let y = rows[r]!; y < rows[r + 1]!; y++) {
        for (let x = columns[q]!; x < columns[q + 1]!; x++) {
          const cell = (y * width + x) * channels;
          for (let c = 0; c < channels; c++) {
            const value = features[cell + c]!;
            if (value > out[offset + c]!) out[offset + c] = value;
          }
        }
      }
    }
  }
}

/** Adds `dy` of every bin and channel to `dx` at the bin's first maximum, in row-major order. */
export function maxPoolBinsGrad(
  dy: Float32Array,
  features: Float32Array,
  map: MapShape,
  { rows, columns }: Bins,
  dx: Float32Array,
): void {
  const { width, channels } = map;
  const best = new Float32Array(channels);
  const argmax = new Int32Array(channels);
  let offset = 0;
  for (let r = 0; r < rows.length; r += 2) {
    for (let q = 0; q < columns.length; q += 2, offset += channels) {
      best.fill(-Infinity);
      argmax.fill(-1);
      for (let y = rows[r]!; y < rows[r + 1]!; y++) {
        for (let x = columns[q]!; x < columns[q + 1]!; x++) {
          const cell = (y * width + x) * channels;
          for (let c = 0; c < channels; c++) {
            const value = features[cell + c]!;
            if (value > best[c]!) {
              best[c] = value;
              argmax[c] = cell + c;
            }
          }
        }
      }
      for (let c = 0; c < channels; c++) if (argmax[c]! >= 0) dx[argmax[c]!]! += dy[offset + c]!;
    }
  }
}
