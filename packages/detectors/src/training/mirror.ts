/** Mirrors a square of RGB pixels in place: left and right are exchanged, or top and bottom. */
export function mirror(pixels: Float32Array, size: number, axis: 'horizontal' | 'vertical'): void {
  // Rows of columns, or one row of rows.
  const [count, width] = axis === 'horizontal' ? [size, 3] : [1, 3 * size];
  const kept = new Float32Array(width);
  for (let row = 0; row < count; row++) {
    const start = row * size * width;
    for (let [low, high] = [0, size - 1]; low < high; low++, high--) {
      const [left, right] = [start + low * width, start + high * width];
      kept.set(pixels.subarray(left, left + width));
      pixels.copyWithin(left, right, right + width);
      pixels.set(kept, right);
    }
  }
}
