// Per-region sums over the pixels, and similarities of the regions' histograms.

/** Adds each pixel's codes (bytes, `stride` a pixel) to its region's row of u32 counts. */
export function countCodes(codes: usize, stride: i32, labels: usize, pixels: i32, out: usize, rowBytes: i32): void {
  let at = codes;
  for (let p = 0; p < pixels; p++) {
    const row = out + <usize>load<i32>(labels + ((<usize>p) << 2)) * rowBytes;
    for (let i = 0; i < stride; i++, at++) {
      const bin = row + ((<usize>load<u8>(at)) << 2);
      store<u32>(bin, load<u32>(bin) + 1);
    }
  }
}

/** Adds each pixel's colour bin of one channel (25 over a byte's range) to its region's row of u32 counts. */
export function countColors(plane: usize, labels: usize, pixels: i32, out: usize, rowBytes: i32): void {
  for (let p = 0; p < pixels; p++) {
    const row = out + <usize>load<i32>(labels + ((<usize>p) << 2)) * rowBytes;
    const bin = row + ((<usize>((<i32>load<u8>(plane + <usize>p) * 25) >> 8)) << 2);
    store<u32>(bin, load<u32>(bin) + 1);
  }
}

/** Sizes and boxes, i32 [regions, 5]: pixels, x1, y1, x2, y2; filled with {0, max, max, 0, 0} before. */
export function measure(labels: usize, width: i32, height: i32, out: usize): void {
  let at = labels;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const row = out + <usize>load<i32>(at) * 20;
      store<i32>(row, load<i32>(row) + 1);
      store<i32>(row, min(load<i32>(row, 4), x), 4);
      store<i32>(row, min(load<i32>(row, 8), y), 8);
      store<i32>(row, max(load<i32>(row, 12), x + 1), 12);
      store<i32>(row, y + 1, 16);
    }
  }
}

@inline
function emit(out: usize, a: i32, b: i32): usize {
  store<i32>(out, min(a, b));
  store<i32>(out, max(a, b), 4);
  return out + 8;
}

/** Writes the pairs of labels that meet across a pixel side, with repeats. @returns how many */
export function touchingPairs(labels: usize, width: i32, height: i32, out: usize): i32 {
  const pitch = (<usize>width) << 2;
  let at = labels;
  let to = out;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const a = load<i32>(at);
      if (x + 1 < width && load<i32>(at + 4) != a) to = emit(to, a, load<i32>(at + 4));
      if (y + 1 < height && load<i32>(at + pitch) != a) to = emit(to, a, load<i32>(at + pitch));
    }
  }
  return <i32>((to - out) >> 3);
}

/** Σ min(a · scaleA, b · scaleB) over rows of `vectors` · 4 floats. */
export function intersection(a: usize, b: usize, vectors: i32, scaleA: f32, scaleB: f32): f32 {
  const sa = f32x4.splat(scaleA);
  const sb = f32x4.splat(scaleB);
  let sum = f32x4.splat(0);
  for (let i = 0; i < vectors; i++) {
    const at = (<usize>i) << 4;
    sum = f32x4.add(sum, f32x4.pmin(f32x4.mul(v128.load(a + at), sa), f32x4.mul(v128.load(b + at), sb)));
  }
  return f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3);
}

/** a += b over rows of `vectors` · 4 floats. */
export function addRows(a: usize, b: usize, vectors: i32): void {
  for (let i = 0; i < vectors; i++) {
    const at = (<usize>i) << 4;
    v128.store(a + at, f32x4.add(v128.load(a + at), v128.load(b + at)));
  }
}

/** u32 counts → floats, in place, over `vectors` · 4 of them. */
export function countsToFloats(rows: usize, vectors: i32): void {
  for (let i = 0; i < vectors; i++) {
    const at = rows + ((<usize>i) << 4);
    v128.store(at, f32x4.convert_i32x4_u(v128.load(at)));
  }
}
