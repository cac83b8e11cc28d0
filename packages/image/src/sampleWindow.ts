import type { RgbImage } from './rgbImage';

/** A rectangle in pixels of an image, continuous edges: x1 y1 x2 y2. It may reach beyond the image. */
export type Window = readonly [x1: number, y1: number, x2: number, y2: number];

/** Where the samples of one axis lie: pixel `first`, its neighbour `next`, and how far from the one to the other. */
export interface AxisSamples {
  /** −1 outside the image. */
  first: Int32Array;
  next: Int32Array;
  /** [0, 1) */
  fraction: Float64Array;
}

export function axisSamples(count: number): AxisSamples {
  return {
    first: new Int32Array(count),
    next: new Int32Array(count),
    fraction: new Float64Array(count),
  };
}

/**
 * Puts the samples in the middle of equal parts of [from, to), where pixel i covers [i, i + 1): half-pixel centres. The
 * border's pixels reach on to the border.
 */
function placeSamples(samples: AxisSamples, { from, to, side }: { from: number; to: number; side: number }) {
  const { first, next, fraction } = samples;
  const step = (to - from) / first.length;
  for (let i = 0; i < first.length; i++) {
    const at = from + (i + 0.5) * step;
    const position = Math.min(Math.max(at - 0.5, 0), side - 1);
    const floor = Math.floor(position);
    first[i] = at < 0 || at >= side ? -1 : floor;
    next[i] = Math.min(floor + 1, side - 1);
    fraction[i] = position - floor;
  }
}

export interface SampleTarget {
  /** Columns and rows of the result. */
  columns: AxisSamples;
  rows: AxisSamples;
  /** Bytes a pixel of the result: as many as the image has, or 3 of its 4. */
  channels: 3 | 4;
  /** For each channel: the value of samples outside the image. */
  fill: ArrayLike<number>;
  out: Float32Array | Uint8ClampedArray;
  /** Where in `out` the result starts. */
  offset: number;
}

/** Samples a window of an image bilinearly, without antialiasing: rows of `out` one after another. */
export function sampleWindow(image: RgbImage, [x1, y1, x2, y2]: Window, target: SampleTarget): void {
  const { columns, rows, channels, fill, out } = target;
  const { data, width, height } = image;
  const stride = data.length / (width * height);
  placeSamples(columns, { from: x1, to: x2, side: width });
  placeSamples(rows, { from: y1, to: y2, side: height });
  let to = target.offset;
  for (let y = 0; y < rows.first.length; y++) {
    const outside = rows.first[y]! < 0;
    const upperRow = rows.first[y]! * width;
    const lowerRow = rows.next[y]! * width;
    const v = rows.fraction[y]!;
    for (let x = 0; x < columns.first.length; x++) {
      const left = columns.first[x]!;
      if (outside || left < 0) {
        for (let c = 0; c < channels; c++) out[to++] = fill[c]!;
        continue;
      }
      const right = columns.next[x]!;
      const u = columns.fraction[x]!;
      const a = (upperRow + left) * stride;
      const b = (upperRow + right) * stride;
      const e = (lowerRow + left) * stride;
      const f = (lowerRow + right) * stride;
      for (let c = 0; c < channels; c++) {
        const upper = data[a + c]! + u * (data[b + c]! - data[a + c]!);
        const lower = data[e + c]! + u * (data[f + c]! - data[e + c]!);
        out[to++] = upper + v * (lower - upper);
      }
    }
  }
}
