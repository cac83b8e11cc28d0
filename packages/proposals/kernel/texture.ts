// Gaussian derivatives in eight directions, binned. See src/texture.ts for what is stored and why.
import { columnSum } from './smooth';

/** Bin of four responses, at most `top`, plus 40 (four directions of 10 bins on) where they are negative. */
@inline
function bins(response: v128, scale: v128, top: v128): v128 {
  const bin = i32x4.min_s(top, i32x4.trunc_sat_f32x4_s(f32x4.mul(f32x4.abs(response), scale)));
  return i32x4.add(bin, v128.and(f32x4.lt(response, f32x4.splat(0)), i32x4.splat(40)));
}

/**
 * Codes of one channel: four bytes a pixel, `stride` apart, with `base` added to each.
 * @param slopes the plane's row derivative, padded (see smooth.ts)
 * @param blurred the plane blurred along its rows, padded
 * @param slope, blur halves of the kernels
 */
export function textureCodes(slopes: usize, blurred: usize, width: i32, height: i32, slope: usize, blur: usize, radius: i32, scale: f32, base: i32, stride: i32, out: usize): void {
  const pitch = (<usize>width) << 2;
  const scales = f32x4.splat(scale);
  const diagonal = f32x4.splat(scale * 0.70710678);
  const top = i32x4.splat(9);
  const bases = i32x4.splat(base * 0x01010101 + 0x1e140a00); // directions start 10 bins apart: bytes 0, 10, 20, 30
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x += 4) {
      const at = <usize>(y + radius) * pitch + ((<usize>x) << 2);
      const gx = columnSum(slopes + at, pitch, blur, radius, false);
      const gy = columnSum(blurred + at, pitch, slope, radius, true);
      let word = bins(gx, scales, top);
      word = v128.or(word, i32x4.shl(bins(f32x4.add(gx, gy), diagonal, top), 8));
      word = v128.or(word, i32x4.shl(bins(gy, scales, top), 16));
      word = v128.or(word, i32x4.shl(bins(f32x4.sub(gy, gx), diagonal, top), 24));
      word = i32x4.add(word, bases);
      const to = out + <usize>(y * width + x) * stride;
      v128.store32_lane(to, word, 0);
      v128.store32_lane(to + stride, word, 1);
      v128.store32_lane(to + 2 * stride, word, 2);
      v128.store32_lane(to + 3 * stride, word, 3);
    }
  }
}
