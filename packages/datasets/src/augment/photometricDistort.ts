import type { RgbImage } from '@roikit/image';
import { checkRange } from '../checks';
import type { Random } from '../random';
import { uniform } from '../random';
import type { Sample } from '../types';

type Range = readonly [number, number];

/** Defaults are those of torchvision's SSD preset (`RandomPhotometricDistort`). */
export interface PhotometricDistortOptions {
  /** Range of the factor on every value. @default [0.875, 1.125] */
  brightness?: Range;
  /** Range of the factor on the distance from the picture's mean grey. @default [0.5, 1.5] */
  contrast?: Range;
  /** Range of the factor on the distance from the pixel's own grey. @default [0.5, 1.5] */
  saturation?: Range;
  /** Range of the turn of hue, in full turns. @default [-0.05, 0.05] */
  hue?: Range;
  /** Chance of each of the four. @default 0.5 */
  probability?: number;
  random: Random;
}

/**
 * Changes brightness, contrast, saturation and hue by chance, contrast before or after the colours. The preset's swap of
 * channels is left out: where colour tells the class, as in stained cells, it would lie.
 */
export function photometricDistort(sample: Sample, options: PhotometricDistortOptions): Sample {
  const {
    brightness = [0.875, 1.125],
    contrast = [0.5, 1.5],
    saturation = [0.5, 1.5],
    hue = [-0.05, 0.05],
  } = options;
  const { probability = 0.5, random } = options;
  for (const [name, range] of Object.entries({ brightness, contrast, saturation }))
    checkRange('photometricDistort', name, range, { least: 0 });
  checkRange('photometricDistort', 'hue', hue);
  if (typeof probability !== 'number' || !(probability >= 0))
    throw new RangeError(`photometricDistort: probability must be in [0, 1], got ${String(probability)}`);
  const contrastFirst = random() < 0.5;
  const steps: [(image: Pixels, amount: number) => void, Range][] = [[adjustBrightness, brightness]];
  if (contrastFirst) steps.push([adjustContrast, contrast]);
  steps.push([adjustSaturation, saturation], [adjustHue, hue]);
  if (!contrastFirst) steps.push([adjustContrast, contrast]);
  const pixels = toPixels(sample.image);
  for (const [adjust, range] of steps) if (random() < probability) adjust(pixels, uniform(random, ...range));
  return { ...sample, image: { ...sample.image, data: new Uint8ClampedArray(pixels.values) } };
}

/** Floats in [0, 255], so that four changes round only once. */
interface Pixels {
  values: Float32Array;
  /** 3 or 4; the fourth is left alone. */
  channels: number;
}

function toPixels({ data, width, height }: RgbImage): Pixels {
  return { values: new Float32Array(data), channels: data.length / (width * height) };
}

export function adjustBrightness(pixels: Pixels, factor: number): void {
  blend(pixels, { factor, towards: () => 0 });
}

export function adjustContrast(pixels: Pixels, factor: number): void {
  const { values, channels } = pixels;
  let sum = 0;
  for (let at = 0; at < values.length; at += channels) sum += grey(values, at);
  const mean = sum / (values.length / channels);
  blend(pixels, { factor, towards: () => mean });
}

export function adjustSaturation(pixels: Pixels, factor: number): void {
  blend(pixels, { factor, towards: grey });
}

/** `target + factor · (value − target)`, clamped. */
function blend(
  { values, channels }: Pixels,
  { factor, towards }: { factor: number; towards: (values: Float32Array, at: number) => number },
): void {
  for (let at = 0; at < values.length; at += channels) {
    const target = towards(values, at);
    for (let c = 0; c < 3; c++) values[at + c] = clamp(target + factor * (values[at + c]! - target));
  }
}

/** ITU-R 601 luma with torchvision's digits. */
function grey(values: Float32Array, at: number): number {
  return 0.2989 * values[at]! + 0.587 * values[at + 1]! + 0.114 * values[at + 2]!;
}

/** Turns the hue of HSV by `turn` (1 is all the way round). */
export function adjustHue({ values, channels }: Pixels, turn: number): void {
  for (let at = 0; at < values.length; at += channels) {
    const r = values[at]!;
    const g = values[at + 1]!;
    const b = values[at + 2]!;
    const max = Math.max(r, g, b);
    const chroma = max - Math.min(r, g, b);
    if (chroma === 0) continue;
    const sixth = hueSixth({ r, g, b, max, chroma }) + 6 * turn;
    for (let c = 0; c < 3; c++) values[at + c] = max - chroma * hueFall(sixth, c);
  }
}

/** Hue in sixths of a turn: red 0, green 2, blue 4. */
function hueSixth({ r, g, b, max, chroma }: Record<'r' | 'g' | 'b' | 'max' | 'chroma', number>): number {
  if (max === r) return (g - b) / chroma;
  return max === g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma;
}

/** How far channel c lies below the maximum at a hue, as a part of the chroma: HSV's closed form. */
function hueFall(sixth: number, c: number): number {
  const k = (((5 - 2 * c + sixth) % 6) + 6) % 6;
  return Math.min(Math.max(Math.min(k, 4 - k), 0), 1);
}

function clamp(value: number): number {
  return Math.min(Math.max(value, 0), 255);
}
