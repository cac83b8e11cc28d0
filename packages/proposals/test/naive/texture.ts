/**
 * Response of a Gaussian derivative (σ = 1, cut at 4σ, scaled to answer a unit ramp with 1) in direction d · 45°, borders
 * clamped, straight from its definition in two dimensions.
 */
export function textureResponse(
  plane: Uint8Array,
  width: number,
  height: number,
  p: number,
  d: number,
): number {
  const clamp = (i: number, n: number) => Math.min(n - 1, Math.max(0, i));
  const range = [-4, -3, -2, -1, 0, 1, 2, 3, 4];
  const gauss = (t: number) => Math.exp((-t * t) / 2);
  const blurSum = range.reduce((s, t) => s + gauss(t), 0);
  const slopeSum = range.reduce((s, t) => s + t * t * gauss(t), 0);
  const [cos, sin] = [Math.cos((d * Math.PI) / 4), Math.sin((d * Math.PI) / 4)];
  let sum = 0;
  for (const dy of range) {
    for (const dx of range) {
      const value =
        plane[clamp(Math.floor(p / width) + dy, height) * width + clamp((p % width) + dx, width)]!;
      sum += (value * gauss(dx) * gauss(dy) * (cos * dx + sin * dy)) / (blurSum * slopeSum);
    }
  }
  return sum;
}

/** Bins of all pixels, channels and directions: ten of four grey levels a pixel each, the last without an upper end. */
export function definedBins(planes: readonly Uint8Array[], width: number, height: number) {
  const bins = planes.map((plane) =>
    Uint8Array.from({ length: 8 * width * height }, (_, i) =>
      Math.min(9, Math.floor(Math.max(0, textureResponse(plane, width, height, i >> 3, i & 7)) / 4)),
    ),
  );
  return (p: number, channel: number, direction: number): number => bins[channel]![8 * p + direction]!;
}
