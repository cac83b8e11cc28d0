/** dx[i] = dy[i] where 0 < x[i] ≤ limit, else 0. */
export function reluGrad(dy: usize, x: usize, dx: usize, count: i32, limit: f32): void {
  const zero = f32x4.splat(0);
  const most = f32x4.splat(limit);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const value = v128.load(x);
    const open = v128.and(f32x4.gt(value, zero), f32x4.le(value, most));
    v128.store(dx, v128.and(v128.load(dy), open));
    x += 16;
    dy += 16;
    dx += 16;
  }
  for (; i < count; i++) {
    const value = load<f32>(x);
    store<f32>(dx, value > 0 && value <= limit ? load<f32>(dy) : 0);
    x += 4;
    dy += 4;
    dx += 4;
  }
}
