import type { RgbImage } from '@roikit/image';
import { mulberry32 } from '@roikit/geometry';

/** Random colours in blocks of 1 to 4 pixels: regions of every size. */
export function noise(width: number, height: number, seed: number, channels: 3 | 4 = 3): RgbImage {
  const random = mulberry32(seed);
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i++) data[i] = 256 * random() ** 2;
  for (let block = 0; block < (width * height) / 20; block++) {
    const size = 2 + Math.floor(8 * random());
    const x0 = Math.floor(random() * width);
    const y0 = Math.floor(random() * height);
    const color = Array.from({ length: channels }, () => 256 * random());
    for (let y = y0; y < Math.min(height, y0 + size); y++)
      for (let x = x0; x < Math.min(width, x0 + size); x++)
        for (let c = 0; c < channels; c++) data[(y * width + x) * channels + c] = color[c]! + 6 * random();
  }
  return { data, width, height };
}

/** A dark disc on a light ground: one object, one obvious box. */
export function disc(width: number, height: number, cx: number, cy: number, radius: number): RgbImage {
  const data = new Uint8Array(width * height * 3).fill(220);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if ((x - cx) ** 2 + (y - cy) ** 2 < radius * radius)
        data.fill(40, 3 * (y * width + x), 3 * (y * width + x) + 3);
  return { data, width, height };
}
