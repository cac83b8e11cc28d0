// Separable convolution of one plane, four pixels at a time. Rows are written in ascending order, and a row's last vector may
// spill into the start of the next, which is written after it; planes need 16 bytes of slack at the end. Between the two passes a
// plane is padded: `radius` repeats of the first row above, of the last below.

/** a + b, or a − b where the kernel is antisymmetric. */
@inline
function pair(a: v128, b: v128, odd: bool): v128 {
  return odd ? f32x4.sub(a, b) : f32x4.add(a, b);
}

/** bytes [h, w] → floats [radius + h + radius, w]: along the rows, with half a kernel (centre first). line: floats [w + 2 radius + 8] */
export function convolveRows(src: usize, dst: usize, width: i32, height: i32, half: usize, radius: i32, odd: bool, line: usize): void {
  const centre = line + ((<usize>radius) << 2);
  const pitch = (<usize>width) << 2;
  const first = dst + <usize>radius * pitch;
  for (let y = 0; y < height; y++) {
    padLine(src + <usize>(y * width), width, radius, line);
    const row = first + <usize>y * pitch;
    for (let x: usize = 0; x < pitch; x += 16) {
      let sum = f32x4.mul(v128.load32_splat(half), v128.load(centre + x));
      for (let t: usize = 4, end = (<usize>radius) << 2; t <= end; t += 4) {
        const both = pair(v128.load(centre + x + t), v128.load(centre + x - t), odd);
        sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(half + t), both));
      }
      v128.store(row + x, sum);
    }
  }
  for (let i = 0; i < radius; i++) {
    memory.copy(dst + <usize>i * pitch, first, pitch);
    memory.copy(first + <usize>(height + i) * pitch, first + <usize>(height - 1) * pitch, pitch);
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

/** The same along the columns, of the four floats at `at` of a padded plane. */
@inline
export function columnSum(at: usize, pitch: usize, half: usize, radius: i32, odd: bool): v128 {
  let sum = f32x4.mul(v128.load32_splat(half), v128.load(at));
  let below = at;
  let above = at;
  for (let t: usize = 4, end = (<usize>radius) << 2; t <= end; t += 4) {
    below += pitch;
    above -= pitch;
    sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(half + t), pair(v128.load(below), v128.load(above), odd)));
  }
  return sum;
}

/** padded floats → floats [h, w], along the columns, with half of a symmetric kernel. */
export function convolveColumns(src: usize, dst: usize, width: i32, height: i32, half: usize, radius: i32): void {
  const pitch = (<usize>width) << 2;
  for (let y = 0; y < height; y++) {
    const from = src + <usize>(y + radius) * pitch;
    const to = dst + <usize>y * pitch;
    for (let x: usize = 0; x < pitch; x += 16) v128.store(to + x, columnSum(from + x, pitch, half, radius, false));
  }
}
