// dx[pixel moved by the tap, c] += Σ over m of dy[pixel, c · M + m] · W[ky, kx, c, m].

import { firstInside, firstOutside } from './ranges';

/**
 * Adds the input gradient of a depthwise convolution to `dx` [N, H, W, C], which the caller has zeroed.
 * The filter is [kh, kw, C, M], dy is [N, Ho, Wo, C · M]; padding is what comes before the first row and column.
 */
export function depthwiseGradInput(
  dy: usize,
  filter: usize,
  dx: usize,
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
  const pixel = (<usize>c) << 2;
  const line = pixel * m;
  for (let row = 0; row < n * ho; row++) {
    const image = row / ho;
    const oh = row - image * ho;
    for (let ky = 0; ky < kh; ky++) {
      const ih = oh * strideH + ky * dilationH - padTop;
      if (ih < 0 || ih >= h) continue;
      for (let kx = 0; kx < kw; kx++) {
        const shift = kx * dilationW - padLeft;
        const left = firstInside(shift, strideW);
        const right = min(wo, firstOutside(shift, strideW, w));
        const taps = filter + <usize>(ky * kw + kx) * line;
        let to = dx + <usize>((image * h + ih) * w + left * strideW + shift) * pixel;
        let from = dy + <usize>(row * wo + left) * line;
        for (let ow = left; ow < right; ow++) {
          if (m === 1) scale(from, taps, to, c);
          else gather(from, taps, to, c, m);
          to += <usize>strideW * pixel;
          from += line;
        }
      }
    }
  }
}

/** to[i] += a[i] · b[i]. */
function scale(a: usize, b: usize, to: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    v128.store(to, f32x4.add(v128.load(to), f32x4.mul(v128.load(a), v128.load(b))));
    a += 16;
    b += 16;
    to += 16;
  }
  for (; i < count; i++) {
    store<f32>(to, load<f32>(to) + load<f32>(a) * load<f32>(b));
    a += 4;
    b += 4;
    to += 4;
  }
}

/** to[i] += Σ over j of a[i, j] · b[i, j]. */
function gather(a: usize, b: usize, to: usize, count: i32, m: i32): void {
  for (let i = 0; i < count; i++) {
    let sum = load<f32>(to);
    for (let j = 0; j < m; j++) {
      sum += load<f32>(a) * load<f32>(b);
      a += 4;
      b += 4;
    }
    store<f32>(to, sum);
    to += 4;
  }
}
