import { readFileSync } from 'node:fs';
import type { RgbImage } from '@roikit/image';
import type { StateDict } from '@roikit/weights';
import { expect } from 'vitest';
import { seededValues, signed } from '../../backbones/test/seeded';

// What goldens/torchvision_detectors.py writes, and the weights and pictures it drew.

export interface Described {
  shape: number[];
  values: number[];
  rms: number;
}

export interface DetectRun {
  name: string;
  size: [number, number];
  resized: [number, number];
  padded: [number, number];
  anchors: Described;
  maps: Described[];
  objectness: Described[];
  proposals: number[];
  boxes: number[];
  scores: number[];
  labels: number[];
}

export interface StepImage {
  name: string;
  size: [number, number];
  positive: number[];
  negative: number[];
  anchorTargets: number[];
  regions: number[];
  labels: number[];
  boxTargets: number[];
}

export interface NetGolden {
  gains: Record<string, number>;
  shapes: Record<string, number[]>;
  runs: DetectRun[];
  step?: {
    images: StepImage[];
    losses: Record<string, number>;
    gradients: Record<string, Described & { float32Error: number }>;
  };
}

export const golden = JSON.parse(
  readFileSync(new URL('goldens/torchvision_detectors.json', import.meta.url), 'utf8'),
) as {
  nets: Record<string, NetGolden>;
  normEps: DetectRun;
  anchors: { size: [number, number]; count: number; rows: number[]; boxes: number[] }[];
};

/** The state dict that the script gave torchvision's model. */
export function seededState({ gains, shapes }: NetGolden): StateDict {
  const gainOf = (key: string) => Object.entries(gains).find(([part]) => key.includes(part))![1];
  return new Map(
    Object.entries(shapes).map(([key, shape]) => [
      key,
      { dtype: 'float32', shape, data: seededValues(key, shape, gainOf(key)) },
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
  expect(got.length).toBe(shape.reduce((product, side) => product * side, 1));
  let squares = 0;
  for (let i = 0; i < got.length; i++) squares += got[i]! * got[i]!;
  const at = (i: number) => got[Math.floor((i * (got.length - 1)) / (values.length - 1))]!;
  const scale = Math.max(rms, ...values.map(Math.abs)) || 1; // a gradient may be 0 throughout
  return Math.max(
    Math.abs(Math.sqrt(squares / got.length) - rms) / (rms || 1),
    ...values.map((value, i) => Math.abs(at(i) - value) / scale),
  );
}
