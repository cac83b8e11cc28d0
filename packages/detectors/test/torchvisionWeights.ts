import type { RgbImage } from '@roikit/image';
import type { StateDict } from '@roikit/weights';
import { seededValues, signed } from '../../backbones/test/seeded';
import type { Described, NetGolden } from './torchvisionGolden';

// The twin of goldens/torchvision_detectors.py: its weights and pictures, in a page too.

/** Sizes of the input that the script set. */
export const small = { minSize: 128, maxSize: 224 };

type Seeding = Pick<NetGolden, 'gains' | 'shapes'> & { offset?: number };

/** The state dict that the script gave torchvision's model. */
export function seededState({ gains, shapes, offset = 0 }: Seeding): StateDict {
  const gainOf = (key: string) => Object.entries(gains).find(([part]) => key.includes(part))![1];
  const values = (key: string, shape: number[]) => {
    const data = seededValues(key, shape, gainOf(key));
    const away = key.endsWith('.bias') && !/cls_logits|bbox_pred|cls_score/.test(key);
    return away ? data.map((value) => value + offset * Math.sign(value)) : data;
  };
  return new Map(
    Object.entries(shapes).map(([key, shape]) => [
      key,
      { dtype: 'float32', shape, data: values(key, shape) },
    ]),
  );
}

/** Squares of 8 pixels of random colours. */
export function picture(name: string, [height, width]: [number, number]): RgbImage {
  const [rows, columns] = [Math.ceil(height / 8), Math.ceil(width / 8)];
  const colors = signed(name, rows * columns * 3).map((value) => Math.floor((value + 1) * 128));
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < data.length; i++) {
    const [y, x, channel] = [Math.floor(i / 3 / width), Math.floor(i / 3) % width, i % 3];
    data[i] = colors[3 * ((y >> 3) * columns + (x >> 3)) + channel]!;
  }
  return { data, width, height };
}

/** Largest difference from what is described, as a part of its root mean square or largest value. */
export function difference(got: ArrayLike<number>, { shape, values, rms }: Described): number {
  if (got.length !== shape.reduce((product, side) => product * side, 1)) return Infinity;
  let squares = 0;
  for (let i = 0; i < got.length; i++) squares += got[i]! * got[i]!;
  const at = (i: number) => got[Math.floor((i * (got.length - 1)) / (values.length - 1))]!;
  const scale = Math.max(rms, ...values.map(Math.abs));
  return Math.max(
    Math.abs(Math.sqrt(squares / got.length) - rms) / rms,
    ...values.map((value, i) => Math.abs(at(i) - value) / scale),
  );
}
