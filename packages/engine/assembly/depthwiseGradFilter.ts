// dW[ky, kx, c, m] += Σ over pixels of x[pixel moved by the tap, c] · dy[pixel, c · M + m].

import { blockPixels, firstInside, firstOutside } from './ranges';

/**
 * Adds the weight gradient of a depthwise convolution to `dw` [kh, kw, C, M], which the caller has zeroed.
 * x is [N, H, W, C], dy is [N, Ho, Wo, C · M]; padding is what comes before the first row and column.
 */
export function depthwiseGradFilter(
  x: usize,
  dy: usize,
  dw: usize,
  n: i32,
  h: i32,
  w: i32,
  c: i32,
  ho: i32,
  wo: i32,
  m: i32,
  kh: i32,
  kw: i32,
  strideH: i32,
  strideW: i32,
  dilationH: i32,
  dilationW: i32,
  padTop: i32,
  padLeft: i32,
): void {
  const co = c * m;
  const blockRows = max(1, blockPixels / wo);
  for (let image = 0; image < n; image++) {
    const xImage = x + ((<usize>(image * h * w * c)) << 2);
    const dyImage = dy + ((<usize>(image * ho * wo * co)) << 2);
    for (let row0 = 0; row0 < ho; row0 += blockRows) {
      const row1 = min(row0 + blockRows, ho);
      for (let ky = 0; ky < kh; ky++) {
        const shiftY = ky * dilationH - padTop;
        const first = max(row0, firstInside(shiftY, strideH));
        const last = min(row1, firstOutside(shiftY, strideH, h));
        if (first >= last) continue;
        for (let kx = 0; kx < kw; kx++) {
          const shiftX = kx * dilationW - padLeft;
          const left = firstInside(shiftX, strideW);
          const right = min(wo, firstOutside(shiftX, strideW, w));
          if (left >= right) continue;
          const xs =
            xImage + ((<usize>(((first * strideH + shiftY) * w + left * strideW + shiftX) * c)) << 2);
          const dys = dyImage + ((<usize>((first * wo + left) * co)) << 2);
          const out = dw + ((<usize>((ky * kw + kx) * co)) << 2);
          products(xs, dys, out, last - first, right - left, c, m, strideH * w * c, strideW * c, wo * co);
        }
      }
    }
  }
}

/** out [c, m] += Σ x[row, column, c] · dy[row, column, c, m]. */
function products(
  x: usize,
  dy: usize,
  out: usize,
  rows: i32,
  columns: i32,
  c: i32,
  m: i32,
  xRow: i32,
  xColumn: i32,
  dyRow: i32,
): void {
  let i = 0;
  if (m === 1) {
    for (; i + 16 <= c; i += 16) {
      const at = (<usize>i) << 2;
      sixteen(x + at, dy + at, out + at, rows, columns, c, xRow, xColumn, dyRow);
    }
    for (; i + 4 <= c; i += 4) {
      const at = (<usize>i) << 2;
      four(x + at, dy + at, out + at, rows, columns, c, xRow, xColumn, dyRow);
    }
  }
  for (; i < c; i++) {
    for (let j = 0; j < m; j++) {
      const o = i * m + j;
      let sum: f32 = 0;
      for (let row = 0; row < rows; row++) {
        let xs = x + ((<usize>(row * xRow + i)) << 2);
        let dys = dy + ((<usize>(row * dyRow + o)) << 2);
        for (let column = 0; column < columns; column++) {
          sum += load<f32>(xs) * load<f32>(dys);
          xs += (<usize>xColumn) << 2;
          dys += (<usize>(c * m)) << 2;
        }
      }
      const to = out + ((<usize>o) << 2);
      store<f32>(to, load<f32>(to) + sum);
    }
  }
}

function sixteen(
  x: usize,
  dy: usize,
  out: usize,
  rows: i32,
  columns: i32,
  c: i32,
  xRow: i32,
  xColumn: i32,
  dyRow: i32,
): void {
  const line = (<usize>c) << 2;
  const step = (<usize>xColumn) << 2;
  let s0 = v128.load(out),
    s1 = v128.load(out, 16),
    s2 = v128.load(out, 32),
    s3 = v128.load(out, 48);
  for (let row = 0; row < rows; row++) {
    let xs = x + ((<usize>(row * xRow)) << 2);
    let dys = dy + ((<usize>(row * dyRow)) << 2);
    const end = dys + <usize>columns * line;
    for (; dys < end; xs += step, dys += line) {
      s0 = f32x4.add(s0, f32x4.mul(v128.load(xs), v128.load(dys)));
      s1 = f32x4.add(s1, f32x4.mul(v128.load(xs, 16), v128.load(dys, 16)));
      s2 = f32x4.add(s2, f32x4.mul(v128.load(xs, 32), v128.load(dys, 32)));
      s3 = f32x4.add(s3, f32x4.mul(v128.load(xs, 48), v128.load(dys, 48)));
    }
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
}

function four(
  x: usize,
  dy: usize,
  out: usize,
  rows: i32,
  columns: i32,
  c: i32,
  xRow: i32,
  xColumn: i32,
  dyRow: i32,
): void {
  const line = (<usize>c) << 2;
  const step = (<usize>xColumn) << 2;
  let sum = v128.load(out);
  for (let row = 0; row < rows; row++) {
    let xs = x + ((<usize>(row * xRow)) << 2);
    let dys = dy + ((<usize>(row * dyRow)) << 2);
    const end = dys + <usize>columns * line;
    for (; dys < end; xs += step, dys += line) sum = f32x4.add(sum, f32x4.mul(v128.load(xs), v128.load(dys)));
  }
  v128.store(out, sum);
}
