// Separable convolution of one plane, four pixels at a time. Rows are written in ascending order, and a row's last vector may
// spill into the start of the next, which is written after it; planes need 16 bytes of slack at the end.

/** bytes [h, w] → floats [h, w]: along the rows, with half a kernel (centre first); sign −1 for an antisymmetric one. */
export function convolveRows(src: usize, dst: usize, width: i32, height: i32, half: usize, radius: i32, sign: f32, line: usize): void {
  const signs = f32x4.splat(sign);
  const centre = line + ((<usize>radius) << 2);
  for (let y = 0; y < height; y++) {
    padLine(src + <usize>(y * width), width, radius, line);
    const row = dst + ((<usize>(y * width)) << 2);
    for (let x = 0; x < width; x += 4) {
      const at = centre + ((<usize>x) << 2);
      let sum = f32x4.mul(v128.load32_splat(half), v128.load(at));
      for (let t = 1; t <= radius; t++) {
        const offset = (<usize>t) << 2;
        const pair = f32x4.add(v128.load(at + offset), f32x4.mul(signs, v128.load(at - offset)));
        sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(half + offset), pair));
      }
      v128.store(row + ((<usize>x) << 2), sum);
    }
  }
}

/** One row as floats, its first and last pixel repeated `radius` times. */
function padLine(src: usize, width: i32, radius: i32, line: usize): void {
  const first = <f32>load<u8>(src);
  const last = <f32>load<u8>(src + <usize>width - 1);
  for (let i = 0; i < radius; i++) store<f32>(line + ((<usize>i) << 2), first);
  const body = line + ((<usize>radius) << 2);
  for (let x = 0; x < width; x += 8) {
    const bytes = v128.load_ext<u8>(src + <usize>x);
    const to = body + ((<usize>x) << 2);
    v128.store(to, f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(bytes)));
    v128.store(to + 16, f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(bytes)));
  }
  for (let i = 0; i < radius; i++) store<f32>(body + ((<usize>(width + i)) << 2), last);
}

/** The same along the columns, of four floats at column offset `at` (bytes) of row y. */
@inline
export function columnSum(src: usize, at: usize, y: i32, pitch: usize, height: i32, half: usize, radius: i32, signs: v128): v128 {
  let sum = f32x4.mul(v128.load32_splat(half), v128.load(src + <usize>y * pitch + at));
  for (let t = 1; t <= radius; t++) {
    const below = src + <usize>min(height - 1, y + t) * pitch + at;
    const above = src + <usize>max(0, y - t) * pitch + at;
    const pair = f32x4.add(v128.load(below), f32x4.mul(signs, v128.load(above)));
    sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(half + ((<usize>t) << 2)), pair));
  }
  return sum;
}

/** floats [h, w] → floats [h, w], along the columns, with half of a symmetric kernel. */
export function convolveColumns(src: usize, dst: usize, width: i32, height: i32, half: usize, radius: i32): void {
  const pitch = (<usize>width) << 2;
  const signs = f32x4.splat(1);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x += 4) {
      const at = (<usize>x) << 2;
      v128.store(dst + <usize>y * pitch + at, columnSum(src, at, y, pitch, height, half, radius, signs));
    }
  }
}
