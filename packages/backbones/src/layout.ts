// Layouts of weights: PyTorch's on one side, TensorFlow.js's on the other. All arrays are row-major.

/** A convolution kernel's four sides, in either layout. */
export type KernelShape = [number, number, number, number];

/** Transposes `[rows, columns]`, in blocks that stay in cache: VGG's first dense layer is 25088 × 4096. */
export function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  const block = 64;
  for (let r0 = 0; r0 < rows; r0 += block) {
    const r1 = Math.min(r0 + block, rows);
    for (let c0 = 0; c0 < columns; c0 += block) {
      const c1 = Math.min(c0 + block, columns);
      for (let r = r0; r < r1; r++)
        for (let c = c0; c < c1; c++) out[c * rows + r] = values[r * columns + c]!;
    }
  }
  return out;
}

/** Each of `count` blocks of `[rows, columns]` transposed. */
function transposeEach(values: Float32Array, count: number, rows: number, columns: number): Float32Array {
  if (rows === 1 || columns === 1) return values;
  const out = new Float32Array(values.length);
  const size = rows * columns;
  for (let i = 0; i < count; i++) {
    out.set(transpose(values.subarray(i * size, (i + 1) * size), rows, columns), i * size);
  }
  return out;
}

/** Convolution kernel, `[out, in, h, w]` → `[h, w, in, out]`. */
export function oihwToHwio(values: Float32Array, [out, inputs, height, width]: KernelShape): Float32Array {
  const taps = height * width;
  const oi = transpose(values, out * inputs, taps); // [h·w, out, in]
  return transposeEach(oi, taps, out, inputs);
}

/** Convolution kernel, `[h, w, in, out]` → `[out, in, h, w]`. */
export function hwioToOihw(values: Float32Array, [height, width, inputs, out]: KernelShape): Float32Array {
  const taps = height * width;
  const oi = transposeEach(values, taps, inputs, out); // [h·w, out, in]
  return transpose(oi, taps, out * inputs);
}

/**
 * Dense kernel, `[out, C·H·W]` → `[H·W·C, out]`: PyTorch flattens channels first. `pixels` is H·W of the map that was
 * flattened, 1 where there was none.
 */
export function linearToDense(
  values: Float32Array,
  [out, inputs]: [number, number],
  pixels: number,
): Float32Array {
  return transpose(transposeEach(values, out, inputs / pixels, pixels), out, inputs);
}

/** Dense kernel, `[H·W·C, out]` → `[out, C·H·W]`. */
export function denseToLinear(
  values: Float32Array,
  [inputs, out]: [number, number],
  pixels: number,
): Float32Array {
  return transposeEach(transpose(values, inputs, out), out, pixels, inputs / pixels);
}
