/** Rows of `source` `[N, width]` at indices that there are, in their order. */
export function gather(source: Float32Array, rows: Int32Array, width: number): Float32Array {
  const result = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) {
    const [from, to] = [rows[i]! * width, i * width];
    for (let j = 0; j < width; j++) result[to + j] = source[from + j]!;
  }
  return result;
}
