// The 8-connected graph of a smoothed image and its edges in order of weight.

const STEPS: f32 = 128; // weights are kept to 1/128 of a grey level …
const LEVELS: i32 = 65536; // … so that the largest, 255 √3, fits 16 bits
const ABSENT: u32 = 65535;

/** Root of the summed squared differences between four pixels and those `offset` bytes on, in steps, as integers. */
@inline
function levels4(planes: usize, channels: i32, planeBytes: usize, at: usize, offset: usize): v128 {
  let sum = f32x4.splat(0);
  for (let c = 0; c < channels; c++) {
    const p = planes + <usize>c * planeBytes + at;
    const d = f32x4.sub(v128.load(p), v128.load(p + offset));
    sum = f32x4.add(sum, f32x4.mul(d, d));
  }
  const scaled = f32x4.add(f32x4.mul(f32x4.sqrt(sum), f32x4.splat(STEPS)), f32x4.splat(0.5));
  return i32x4.trunc_sat_f32x4_s(scaled);
}

/**
 * Levels of the four edges of each pixel, u16 [h, w, 4]: right, lower left, below, lower right; ABSENT where they leave the
 * image. `planes`: floats [channels, planeBytes / 4], with a row and 16 bytes of slack after the last.
 */
export function edgeLevels(planes: usize, channels: i32, planeBytes: usize, width: i32, height: i32, out: usize): void {
  const pitch = (<usize>width) << 2;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x += 4) {
      const at = <usize>y * pitch + ((<usize>x) << 2);
      const right = levels4(planes, channels, planeBytes, at, 4);
      const lowerLeft = levels4(planes, channels, planeBytes, at, pitch - 4);
      const below = levels4(planes, channels, planeBytes, at, pitch);
      const lowerRight = levels4(planes, channels, planeBytes, at, pitch + 4);
      // u16 lanes r0 r1 r2 r3 l0 … and b0 … d0 … interleaved to r0 l0 b0 d0 r1 l1 b1 d1 …
      const a = i16x8.narrow_i32x4_u(right, lowerLeft);
      const b = i16x8.narrow_i32x4_u(below, lowerRight);
      const to = out + (at << 1);
      v128.store(to, i8x16.shuffle(a, b, 0, 1, 8, 9, 16, 17, 24, 25, 2, 3, 10, 11, 18, 19, 26, 27));
      v128.store(to + 16, i8x16.shuffle(a, b, 4, 5, 12, 13, 20, 21, 28, 29, 6, 7, 14, 15, 22, 23, 30, 31));
    }
    const row = out + ((<usize>(y * width)) << 3);
    const last = row + ((<usize>(width - 1)) << 3);
    store<u16>(last, ABSENT);
    store<u16>(row + 2, ABSENT);
    store<u16>(last + 6, ABSENT);
  }
  const bottom = out + ((<usize>((height - 1) * width)) << 3);
  for (let x = 0; x < width; x++) {
    const at = bottom + ((<usize>x) << 3);
    store<u32>(at + 2, (ABSENT << 16) | ABSENT);
    store<u16>(at + 6, ABSENT);
  }
}

/**
 * Counting sort of edge numbers by level, stable. `starts`: u32 [65537], `next`: u32 [65536], both zeroed.
 * @returns how many edges there are
 */
export function sortEdges(levels: usize, count: i32, edges: usize, starts: usize, next: usize): i32 {
  for (let e = 0; e < count; e++) {
    const at = starts + 4 + ((<usize>load<u16>(levels + ((<usize>e) << 1))) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  for (let i = 0; i < LEVELS; i++) {
    const at = starts + ((<usize>i) << 2);
    const start = load<u32>(at);
    store<u32>(next + ((<usize>i) << 2), start);
    store<u32>(at + 4, load<u32>(at + 4) + start);
  }
  for (let e = 0; e < count; e++) {
    const level = <u32>load<u16>(levels + ((<usize>e) << 1));
    if (level == ABSENT) continue;
    const at = next + ((<usize>level) << 2);
    const slot = load<u32>(at);
    store<u32>(at, slot + 1);
    store<u32>(edges + ((<usize>slot) << 2), <u32>e);
  }
  return load<i32>(starts + ((<usize>ABSENT) << 2));
}
