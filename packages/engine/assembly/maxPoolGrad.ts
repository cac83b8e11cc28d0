// dx[the first largest pixel of each window, c] += dy[window, c].

/**
 * Adds the gradient of max pooling to `dx` [N, H, W, C], which the caller has zeroed. x is [N, H, W, C], dy is
 * [N, Ho, Wo, C]. Of equal values the first in the window, row by row, gets the gradient, as on the cpu backend.
 */
export function maxPoolGrad(
  x: usize,
  dy: usize,
  dx: usize,
  n: i32,
  h: i32,
  w: i32,
  c: i32,
  ho: i32,
  wo: i32,
  kh: i32,
  kw: i32,
  strideH: i32,
  strideW: i32,
  padTop: i32,
  padLeft: i32,
): void {
  const pixel = (<usize>c) << 2;
  for (let row = 0; row < n * ho; row++) {
    const image = row / ho;
    const top = (row - image * ho) * strideH - padTop;
    const y0 = max(top, 0);
    const y1 = min(top + kh, h);
    const base = <usize>(image * h) * <usize>w * pixel;
    for (let ow = 0; ow < wo; ow++) {
      const left = ow * strideW - padLeft;
      const x0 = max(left, 0);
      const x1 = min(left + kw, w);
      const from = dy + <usize>(row * wo + ow) * pixel;
      const corner = base + <usize>(y0 * w + x0) * pixel;
      window(x + corner, from, dx + corner, y1 - y0, x1 - x0, c, <usize>w * pixel);
    }
  }
}

/** One window: four channels at a time, then one. */
function window(x: usize, dy: usize, dx: usize, rows: i32, columns: i32, c: i32, line: usize): void {
  const pixel = (<usize>c) << 2;
  let i = 0;
  for (; i + 4 <= c; i += 4) {
    const at = (<usize>i) << 2;
    let best = f32x4.splat(-f32.MAX_VALUE);
    let place = i32x4.splat(-1);
    for (let row = 0; row < rows; row++) {
      let from = x + at + <usize>row * line;
      for (let column = 0; column < columns; column++, from += pixel) {
        const value = v128.load(from);
        const larger = f32x4.gt(value, best);
        best = v128.bitselect(value, best, larger);
        place = v128.bitselect(i32x4.splat(row * columns + column), place, larger);
      }
    }
    const gradient = v128.load(dy + at);
    for (let row = 0; row < rows; row++) {
      let to = dx + at + <usize>row * line;
      for (let column = 0; column < columns; column++, to += pixel) {
        const here = i32x4.eq(place, i32x4.splat(row * columns + column));
        v128.store(to, f32x4.add(v128.load(to), v128.and(gradient, here)));
      }
    }
  }
  for (; i < c; i++) {
    const at = (<usize>i) << 2;
    let best: f32 = -f32.MAX_VALUE;
    let place: usize = 0;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const offset = at + <usize>row * line + <usize>column * pixel;
        const value = load<f32>(x + offset);
        if (value > best) {
          best = value;
          place = dx + offset;
        }
      }
    }
    if (place !== 0) store<f32>(place, load<f32>(place) + load<f32>(dy + at));
  }
}
