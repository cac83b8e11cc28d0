/** Half of a Gaussian of unit sum, centre first; out to 4σ, where Felzenszwalb and Huttenlocher cut it. */
export function gaussianKernel(sigma: number): Float32Array {
  const radius = Math.ceil(4 * sigma);
  const half = Float64Array.from({ length: radius + 1 }, (_, i) =>
    i === 0 ? 1 : Math.exp(-(i * i) / (2 * sigma * sigma)),
  );
  const sum = half.reduce((total, v, i) => total + (i === 0 ? v : 2 * v), 0);
  return Float32Array.from(half, (v) => v / sum);
}

/** Half of the derivative of a Gaussian, antisymmetric, scaled to answer a ramp of one grey level a pixel with 1. */
export function gaussianDerivativeKernel(sigma: number): Float32Array {
  const half = gaussianKernel(sigma).map((v, i) => v * i);
  const slope = half.reduce((sum, v, i) => sum + 2 * i * v, 0);
  return half.map((v) => v / slope);
}
