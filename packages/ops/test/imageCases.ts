import type { NormalizeImageOptions } from '../src';
import { seeded } from './random';

export interface ImageCase {
  name: string;
  width: number;
  height: number;
  channels: 3 | 4;
  options: NormalizeImageOptions;
}

const mean = [0.485, 0.456, 0.406] as const;
const std = [0.229, 0.224, 0.225] as const;
const sides = (width: number, height: number) => ({ width, height });

/** Made larger, smaller, both; byte counts that are and are no multiple of 4; sides at which floats lose the fraction. */
export const imageCases: ImageCase[] = [
  { name: 'as it is', width: 7, height: 5, channels: 3, options: { mean, std } },
  { name: 'larger', width: 7, height: 5, channels: 3, options: { mean, std, size: sides(19, 12) } },
  {
    name: 'narrower and taller, blue first',
    width: 12,
    height: 5,
    channels: 4,
    options: { mean, std, size: sides(5, 9), order: 'bgr' },
  },
  {
    name: 'smaller and padded',
    width: 31,
    height: 21,
    channels: 3,
    options: { mean, std, size: sides(17, 11), paddedSize: sides(32, 16) },
  },
  { name: 'one cell', width: 9, height: 3, channels: 3, options: { mean, std, size: sides(1, 1) } },
  { name: 'long', width: 5003, height: 2, channels: 4, options: { mean, std, size: sides(3001, 3) } },
];

/** Noise: every error of a place shows. */
export function imageOf({ width, height, channels }: ImageCase) {
  const random = seeded(width + height);
  const data = Uint8Array.from({ length: width * height * channels }, () => 256 * random());
  return { data, width, height };
}

/** The same in plain double precision. */
export function normalizeImageTwin(example: ImageCase): number[] {
  const { width, height, channels, options } = example;
  const { data } = imageOf(example);
  const { mean, std, size = { width, height }, paddedSize = size, order } = options;
  const ends = (at: number, from: number, to: number): [low: number, high: number, share: number] => {
    const position = Math.min(Math.max(((at + 0.5) * from) / to - 0.5, 0), from - 1);
    return [Math.floor(position), Math.ceil(position), position - Math.floor(position)];
  };
  const values: number[] = [];
  for (let row = 0; row < paddedSize.height; row++) {
    for (let column = 0; column < paddedSize.width; column++) {
      const isInside = row < size.height && column < size.width;
      const [top, bottom, down] = ends(row, height, size.height);
      const [left, right, across] = ends(column, width, size.width);
      for (let c = 0; c < 3; c++) {
        const pixel = (y: number, x: number) =>
          data[(y * width + x) * channels + (order === 'bgr' ? 2 - c : c)]!;
        const line = (y: number) => (1 - across) * pixel(y, left) + across * pixel(y, right);
        const value = isInside ? (1 - down) * line(top) + down * line(bottom) : 0;
        values.push(isInside ? (value / 255 - mean[c]!) / std[c]! : 0);
      }
    }
  }
  return values;
}
