import type { RgbImage } from '@roikit/geometry';

interface Taps {
  /** `[length × count]` source positions. */
  positions: Int32Array;
  /** `[length × count]`, summing to 1 for each target position. */
  weights: Float32Array;
  count: number;
}

/** Triangle filter of one axis, widened by the scale when shrinking, so that nothing aliases (Pillow's and torchvision's bilinear). */
function triangleTaps(from: number, to: number): Taps {
  const scale = from / to;
  const support = Math.max(1, scale);
  const count = 2 * Math.ceil(support) + 1;
  const positions = new Int32Array(to * count);
  const weights = new Float32Array(to * count);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale - 0.5;
    const first = Math.ceil(centre - support);
    let sum = 0;
    for (let t = 0, at = i * count; t < count; t++, at++) {
      const inside = first + t >= 0 && first + t < from;
      positions[at] = Math.min(from - 1, Math.max(0, first + t));
      weights[at] = inside ? Math.max(0, 1 - Math.abs(first + t - centre) / support) : 0;
      sum += weights[at]!;
    }
    for (let t = 0; t < count; t++) weights[i * count + t]! /= sum;
  }
  return { positions, weights, count };
}

/** Filters one axis of interleaved channels: `outer` blocks of `from` rows of `inner` values become `to` rows. */
function filterAxis(
  src: ArrayLike<number>,
  outer: number,
  from: number,
  to: number,
  inner: number,
): Float32Array {
  const { positions, weights, count } = triangleTaps(from, to);
  const out = new Float32Array(outer * to * inner);
  for (let o = 0, at = 0; o < outer; o++) {
    for (let i = 0; i < to; i++, at += inner) {
      for (let t = i * count; t < (i + 1) * count; t++) {
        const weight = weights[t]!;
        const row = (o * from + positions[t]!) * inner;
        if (weight !== 0) for (let c = 0; c < inner; c++) out[at + c]! += weight * src[row + c]!;
      }
    }
  }
  return out;
}

/** Resizes to `width`, keeping the shape: bilinear with antialiasing. */
export function resizeToWidth({ data, width, height }: RgbImage, newWidth: number): RgbImage {
  const newHeight = Math.max(1, Math.round((height * newWidth) / width));
  const channels = data.length / (width * height);
  const rows = filterAxis(data, height, width, newWidth, channels);
  const all = filterAxis(rows, 1, height, newHeight, newWidth * channels);
  return { data: Uint8ClampedArray.from(all), width: newWidth, height: newHeight };
}
