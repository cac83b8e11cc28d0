import type { RgbImage } from '../src';

/** Bytes that goldens/resize.py draws alike: murmur3's finaliser over the index. */
export function seededImage(width: number, height: number, channels: 3 | 4 = 3): RgbImage {
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i++) {
    let h = Math.imul(i, 0x9e3779b1);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    data[i] = (h ^ (h >>> 16)) >>> 24;
  }
  return { data, width, height };
}
