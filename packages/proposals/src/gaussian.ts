import type { ImageSize } from '@roikit/geometry';

/** Half of a Gaussian of unit sum, centre first; out to 4σ, as Felzenszwalb and Huttenlocher cut it. */
export function gaussianKernel(sigma: number): Float32Array {
  const radius = sigma > 0 ? Math.ceil(4 * sigma) : 0;
  const half = Float32Array.from({ length: radius + 1 }, (_, i) =>
    sigma > 0 ? Math.exp(-(i * i) / (2 * sigma * sigma)) : 1,
  );
  const sum = half.reduce((total, v, i) => total + (i === 0 ? v : 2 * v), 0);
  return half.map((v) => v / sum);
}

/**
 * Convolves a plane with a symmetric (sign 1) or antisymmetric (sign −1) kernel along the rows; the border pixel is repeated.
 */
export function convolveRows(
  src: ArrayLike<number>,
  { width, height }: ImageSize,
  half: Float32Array,
  sign: 1 | -1,
): Float32Array {
  const radius = half.length - 1;
  const out = new Float32Array(width * height);
  const line = new Float32Array(width + 2 * radius);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let i = 0; i < line.length; i++) line[i] = src[row + Math.min(width - 1, Math.max(0, i - radius))]!;
    for (let x = 0; x < width; x++) {
      let sum = half[0]! * line[x + radius]!;
      for (let t = 1; t <= radius; t++)
        sum += half[t]! * (line[x + radius + t]! + sign * line[x + radius - t]!);
      out[row + x] = sum;
    }
  }
  return out;
}

/** The same along the columns. */
export function convolveColumns(
  src: ArrayLike<number>,
  { width, height }: ImageSize,
  half: Float32Array,
  sign: 1 | -1,
): Float32Array {
  const radius = half.length - 1;
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) out[row + x] = half[0]! * src[row + x]!;
    for (let t = 1; t <= radius; t++) {
      const below = Math.min(height - 1, y + t) * width;
      const above = Math.max(0, y - t) * width;
      const weight = half[t]!;
      for (let x = 0; x < width; x++) out[row + x]! += weight * (src[below + x]! + sign * src[above + x]!);
    }
  }
  return out;
}
