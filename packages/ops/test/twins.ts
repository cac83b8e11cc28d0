import type { Regions } from './random';

/** [start, end) of each bin of one side of a box, in cells; may reach outside the map. */
export type BinsOf = (from: number, to: number, count: number, mapSide: number) => [number, number][];

export interface Pooled {
  output: Float32Array;
  /** For each output, the feature it came from, −1 for an empty bin. */
  argmax: Int32Array;
}

/** Max pooling of regions by nested loops: the slow twin of roiPool (one grid) and spatialPyramidPool (levels). */
export function maxPoolTwin(regions: Regions, grids: [number, number][], binsOf: BinsOf): Pooled {
  const [, height, width, channels] = regions.shape;
  const output: number[] = [];
  const argmax: number[] = [];
  for (const [r, image] of regions.boxIndices.entries()) {
    const [x1, y1, x2, y2] = [...regions.boxes.subarray(4 * r, 4 * r + 4)] as [
      number,
      number,
      number,
      number,
    ];
    for (const [rows, columns] of grids) {
      for (const [top, bottom] of binsOf(y1, y2, rows, height)) {
        for (const [left, right] of binsOf(x1, x2, columns, width)) {
          for (let c = 0; c < channels; c++) {
            let best = -1;
            for (let y = Math.max(top, 0); y < Math.min(bottom, height); y++) {
              for (let x = Math.max(left, 0); x < Math.min(right, width); x++) {
                const at = ((image * height + y) * width + x) * channels + c;
                if (best < 0 || regions.features[at]! > regions.features[best]!) best = at;
              }
            }
            argmax.push(best);
            output.push(best < 0 ? 0 : regions.features[best]!);
          }
        }
      }
    }
  }
  return { output: Float32Array.from(output), argmax: Int32Array.from(argmax) };
}

/** dx of max pooling: dy summed at each argmax. */
export function scatterTwin(size: number, argmax: Int32Array, dy: ArrayLike<number>): Float64Array {
  const dx = new Float64Array(size);
  argmax.forEach((at, i) => {
    if (at >= 0) dx[at]! += dy[i]!;
  });
  return dx;
}

/** Bilinear value of one channel at (y, x); 0 more than a cell outside the map. */
function bilinear({ shape, features }: Regions, image: number, y: number, x: number, c: number): number {
  const [, height, width, channels] = shape;
  if (y < -1 || y > height || x < -1 || x > width) return 0;
  const cy = Math.min(Math.max(y, 0), height - 1);
  const cx = Math.min(Math.max(x, 0), width - 1);
  let value = 0;
  for (const row of [Math.floor(cy), Math.floor(cy) + 1]) {
    for (const column of [Math.floor(cx), Math.floor(cx) + 1]) {
      const weight = (1 - Math.abs(cy - row)) * (1 - Math.abs(cx - column));
      if (weight > 0) value += weight * features[((image * height + row) * width + column) * channels + c]!;
    }
  }
  return value;
}

export interface AlignOptions {
  outputSize: [number, number];
  spatialScale: number;
  samplingRatio: number;
  aligned: boolean;
}

/** RoIAlign by its definition: sample by sample, four neighbours each. */
export function roiAlignTwin(regions: Regions, options: AlignOptions): Float32Array {
  const { outputSize, spatialScale, samplingRatio, aligned } = options;
  const output: number[] = [];
  for (const [r, image] of regions.boxIndices.entries()) {
    const corners = [...regions.boxes.subarray(4 * r, 4 * r + 4)].map(
      (v) => v * spatialScale - (aligned ? 0.5 : 0),
    );
    const [x1, y1, x2, y2] = corners as [number, number, number, number];
    const height = aligned ? y2 - y1 : Math.max(y2 - y1, 1);
    const width = aligned ? x2 - x1 : Math.max(x2 - x1, 1);
    const rows = samplingRatio || Math.ceil(height / outputSize[0]);
    const columns = samplingRatio || Math.ceil(width / outputSize[1]);
    for (let p = 0; p < outputSize[0]; p++) {
      for (let q = 0; q < outputSize[1]; q++) {
        for (let c = 0; c < regions.shape[3]; c++) {
          let sum = 0;
          for (let i = 0; i < rows; i++) {
            for (let j = 0; j < columns; j++) {
              const y = y1 + ((p + (i + 0.5) / rows) * height) / outputSize[0];
              const x = x1 + ((q + (j + 0.5) / columns) * width) / outputSize[1];
              sum += bilinear(regions, image, y, x, c);
            }
          }
          output.push(sum / Math.max(rows * columns, 1));
        }
      }
    }
  }
  return Float32Array.from(output);
}
