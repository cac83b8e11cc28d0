// dW[ky, kx, c, o] += Σ over pixels of x[pixel moved by the tap, c] · dy[pixel, o]: one outer product a pixel.
// Both operands are read where they lie (NHWC); no patch matrix is built. Pointers are bytes, strides are floats.

import { blockPixels, firstInside, firstOutside } from './ranges';

/**
 * Adds the weight gradient of a convolution to `dw` [kh, kw, C, Co], which the caller has zeroed.
 * x is [N, H, W, C], dy is [N, Ho, Wo, Co]; padding is what comes before the first row and column.
 */
export function convGradFilter(
  x: usize,
  dy: usize,
  dw: usize,
  n: i32,
  h: i32,
  w: i32,
  c: i32,
  ho: i32,
  wo: i32,
  co: i32,
  kh: i32,
  kw: i32,
  strideH: i32,
  strideW: i32,
  dilationH: i32,
  dilationW: i32,
  padTop: i32,
  padLeft: i32,
): void {
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
          const out = dw + ((<usize>((ky * kw + kx) * c * co)) << 2);
          outerProducts(
            xs,
            dys,
            out,
            last - first,
            right - left,
            c,
            co,
            strideH * w * c,
            strideW * c,
            wo * co,
          );
        }
      }
    }
  }
}

/** out [c, co] += Σ x[row, column, :] ⊗ dy[row, column, :], tile by tile. */
function outerProducts(
  x: usize,
  dy: usize,
  out: usize,
  rows: i32,
  columns: i32,
  c: i32,
  co: i32,
  xRow: i32,
  xColumn: i32,
  dyRow: i32,
): void {
  let i = 0;
  for (; i + 4 <= c; i += 4) {
    const xs = x + ((<usize>i) << 2);
    const to = out + ((<usize>(i * co)) << 2);
    let o = 0;
    for (; o + 8 <= co; o += 8) {
      tile4x8(xs, dy + ((<usize>o) << 2), to + ((<usize>o) << 2), rows, columns, co, xRow, xColumn, dyRow);
    }
    for (let r = 0; r < 4; r++) {
      rowTail(
        xs + ((<usize>r) << 2),
        dy,
        to + ((<usize>(r * co)) << 2),
        o,
        rows,
        columns,
        co,
        xRow,
        xColumn,
        dyRow,
      );
    }
  }
  for (; i < c; i++) {
    const xs = x + ((<usize>i) << 2);
    const to = out + ((<usize>(i * co)) << 2);
    let o = 0;
    for (; o + 16 <= co; o += 16) {
      tile1x16(xs, dy + ((<usize>o) << 2), to + ((<usize>o) << 2), rows, columns, co, xRow, xColumn, dyRow);
    }
    rowTail(xs, dy, to, o, rows, columns, co, xRow, xColumn, dyRow);
  }
}

function tile4x8(
  x: usize,
  dy: usize,
  out: usize,
  rows: i32,
  columns: i32,
  co: i32,
  xRow: i32,
  xColumn: i32,
  dyRow: i32,
): void {
  const line = (<usize>co) << 2;
  const step = (<usize>xColumn) << 2;
  let a0 = v128.load(out),
    b0 = v128.load(out, 16);
  let a1 = v128.load(out + line),
    b1 = v128.load(out + line, 16);
  let a2 = v128.load(out + 2 * line),
    b2 = v128.load(out + 2 * line, 16);
  let a3 = v128.load(out + 3 * line),
    b3 = v128.load(out + 3 * line, 16);
  for (let row = 0; row < rows; row++) {
    let xs = x + ((<usize>(row * xRow)) << 2);
    let dys = dy + ((<usize>(row * dyRow)) << 2);
    const end = dys + <usize>columns * line;
    while (dys < end) {
      const d0 = v128.load(dys),
        d1 = v128.load(dys, 16);
      const x0 = v128.load_splat<f32>(xs);
      a0 = f32x4.add(a0, f32x4.mul(x0, d0));
      b0 = f32x4.add(b0, f32x4.mul(x0, d1));
      const x1 = v128.load_splat<f32>(xs, 4);
      a1 = f32x4.add(a1, f32x4.mul(x1, d0));
      b1 = f32x4.add(b1, f32x4.mul(x1, d1));
      const x2 = v128.load_splat<f32>(xs, 8);
      a2 = f32x4.add(a2, f32x4.mul(x2, d0));
      b2 = f32x4.add(b2, f32x4.mul(x2, d1));
      const x3 = v128.load_splat<f32>(xs, 12);
      a3 = f32x4.add(a3, f32x4.mul(x3, d0));
      b3 = f32x4.add(b3, f32x4.mul(x3, d1));
      xs += step;
      dys += line;
    }
  }
  v128.store(out, a0);
  v128.store(out, b0, 16);
  v128.store(out + line, a1);
  v128.store(out + line, b1, 16);
  v128.store(out + 2 * line, a2);
  v128.store(out + 2 * line, b2, 16);
  v128.store(out + 3 * line, a3);
  v128.store(out + 3 * line, b3, 16);
}

function tile1x16(
  x: usize,
  dy: usize,
  out: usize,
  rows: i32,
  columns: i32,
  co: i32,
  xRow: i32,
  xColumn: i32,
  dyRow: i32,
): void {
  const line = (<usize>co) << 2;
  const step = (<usize>xColumn) << 2;
  let a = v128.load(out),
    b = v128.load(out, 16),
    c = v128.load(out, 32),
    d = v128.load(out, 48);
  for (let row = 0; row < rows; row++) {
    let xs = x + ((<usize>(row * xRow)) << 2);
    let dys = dy + ((<usize>(row * dyRow)) << 2);
    const end = dys + <usize>columns * line;
    while (dys < end) {
      const v = v128.load_splat<f32>(xs);
      a = f32x4.add(a, f32x4.mul(v, v128.load(dys)));
      b = f32x4.add(b, f32x4.mul(v, v128.load(dys, 16)));
      c = f32x4.add(c, f32x4.mul(v, v128.load(dys, 32)));
      d = f32x4.add(d, f32x4.mul(v, v128.load(dys, 48)));
      xs += step;
      dys += line;
    }
  }
  v128.store(out, a);
  v128.store(out, b, 16);
  v128.store(out, c, 32);
  v128.store(out, d, 48);
}

/** Columns `o`… of one row of the gradient: four at a time, then one. */
function rowTail(
  x: usize,
  dy: usize,
  out: usize,
  o: i32,
  rows: i32,
  columns: i32,
  co: i32,
  xRow: i32,
  xColumn: i32,
  dyRow: i32,
): void {
  const line = (<usize>co) << 2;
  const step = (<usize>xColumn) << 2;
  for (; o + 4 <= co; o += 4) {
    const to = out + ((<usize>o) << 2);
    let a = v128.load(to);
    for (let row = 0; row < rows; row++) {
      let xs = x + ((<usize>(row * xRow)) << 2);
      let dys = dy + ((<usize>(row * dyRow + o)) << 2);
      const end = dys + <usize>columns * line;
      for (; dys < end; xs += step, dys += line) {
        a = f32x4.add(a, f32x4.mul(v128.load_splat<f32>(xs), v128.load(dys)));
      }
    }
    v128.store(to, a);
  }
  for (; o < co; o++) {
    const to = out + ((<usize>o) << 2);
    let a = load<f32>(to);
    for (let row = 0; row < rows; row++) {
      let xs = x + ((<usize>(row * xRow)) << 2);
      let dys = dy + ((<usize>(row * dyRow + o)) << 2);
      const end = dys + <usize>columns * line;
      for (; dys < end; xs += step, dys += line) a += load<f32>(xs) * load<f32>(dys);
    }
    store<f32>(to, a);
  }
}
