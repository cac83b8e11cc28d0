import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { NormalizeImageAttrs } from '../normalizeImage';
import { dispatch, type WebgpuBackend } from './program';

/** One thread for each value of the result, padding included. */
const SOURCE = `
  fn byteAt(row: i32, column: i32, channel: i32) -> f32 {
    let at = (row * uniforms.fromWidth + column) * uniforms.channels + channel;
    return f32((u32(bytes[at >> 2u]) >> u32(8 * (at & 3))) & 255u);
  }
  struct Between { low: i32, high: i32, share: f32 }
  // Where the centre of cell \`at\` lies among the image's: exact, since floats are off by 10⁻⁴ of a pixel at 1,000.
  fn between(at: i32, fromSide: i32, toSide: i32) -> Between {
    let position = max((2 * at + 1) * fromSide - toSide, 0);
    let low = position / (2 * toSide);
    let rest = position - low * 2 * toSide;
    return Between(low, min(low + 1, fromSide - 1), f32(rest) / f32(2 * toSide));
  }
  fn main(index: i32) {
    if (index >= uniforms.count) { return; }
    let channel = index % 3;
    let cell = index / 3;
    let row = cell / uniforms.paddedWidth;
    let column = cell - row * uniforms.paddedWidth;
    if (row >= uniforms.toHeight || column >= uniforms.toWidth) {
      result[index] = 0.0;
      return;
    }
    let source = select(channel, 2 - channel, uniforms.reversed == 1);
    let y = between(row, uniforms.fromHeight, uniforms.toHeight);
    let x = between(column, uniforms.fromWidth, uniforms.toWidth);
    let above = mix(byteAt(y.low, x.low, source), byteAt(y.low, x.high, source), x.share);
    let below = mix(byteAt(y.high, x.low, source), byteAt(y.high, x.high, source), x.share);
    let scale = vec3<f32>(uniforms.scale0, uniforms.scale1, uniforms.scale2);
    let shift = vec3<f32>(uniforms.shift0, uniforms.shift1, uniforms.shift2);
    result[index] = mix(above, below, y.share) * scale[channel] - shift[channel];
  }`;

/** An image's bytes, four an integer, as `[1, height, width, 3]`. Twin: \`byOps\` of ../normalizeImage.ts. */
export function normalizeImage(
  backend: WebgpuBackend,
  { bytes }: { bytes: TensorInfo },
  { from, to, padded, channels, reversed, scale, shift }: NormalizeImageAttrs,
): TensorInfo {
  for (const side of ['width', 'height'] as const) {
    if (from[side] * (2 * to[side] + 1) < 2 ** 31) continue;
    throw new RangeError(
      `normalizeImage: ${side}s before and after resizing must have a product below 2³⁰ on webgpu, got ${from[side]} and ${to[side]}; make the image smaller first`,
    );
  }
  return dispatch(backend, {
    name: 'NormalizeImage',
    wgsl: () => SOURCE,
    inputs: { bytes },
    outputShape: [1, padded.height, padded.width, 3],
    ints: {
      fromWidth: from.width,
      fromHeight: from.height,
      toWidth: to.width,
      toHeight: to.height,
      paddedWidth: padded.width,
      channels,
      reversed: Number(reversed),
    },
    floats: byChannel({ scale, shift }),
    count: padded.height * padded.width * 3,
  });
}

/** `scale0`, `scale1`, …: the backend's uniforms are single numbers. */
const byChannel = (lists: Record<string, number[]>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(lists).flatMap(([name, values]) => values.map((value, i) => [`${name}${i}`, value])),
  );
