import type { RgbImage } from '@roikit/image';
import type { Kernel } from './kernel/kernel';
import type { ColorSpace, Planes } from './types';

/** The channels of one colour, each in 0…255, rounded and packed into bytes, the first lowest. */
type Convert = (r: number, g: number, b: number) => number;

const pack = (first: number, second = 0, third = 0): number =>
  (first + 0.5) | 0 | (((second + 0.5) | 0) << 8) | (((third + 0.5) | 0) << 16);

const LINEAR = Float64Array.from({ length: 256 }, (_, i) => {
  const v = i / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
});

// CIE's f, tabled: 3 cube roots a pixel would cost more than the rest of the conversion.
const STEPS = 4096;
const LAB_F = Float64Array.from({ length: STEPS + 2 }, (_, i) => {
  const t = i / STEPS;
  return t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116;
});

function labF(t: number): number {
  const at = t * STEPS;
  const i = at | 0;
  return LAB_F[i]! + (at - i) * (LAB_F[i + 1]! - LAB_F[i]!);
}

/** sRGB to CIE Lab (D65), in the usual 8-bit coding: L · 255/100, a + 128, b + 128. */
const lab: Convert = (r, g, b) => {
  const R = LINEAR[r]!;
  const G = LINEAR[g]!;
  const B = LINEAR[b]!;
  const fx = labF((0.4124564 * R + 0.3575761 * G + 0.1804375 * B) / 0.95047);
  const fy = labF(0.2126729 * R + 0.7151522 * G + 0.072175 * B);
  const fz = labF((0.0193339 * R + 0.119192 * G + 0.9503041 * B) / 1.08883);
  return pack((116 * fy - 16) * 2.55, 500 * (fx - fy) + 128, 200 * (fy - fz) + 128);
};

function hue(r: number, g: number, b: number, max: number, range: number): number {
  if (range === 0) return 0;
  const sextant = max === r ? (g - b) / range : max === g ? 2 + (b - r) / range : 4 + (r - g) / range;
  return (sextant < 0 ? sextant + 6 : sextant) * (255 / 6);
}

const hsv: Convert = (r, g, b) => {
  const max = Math.max(r, g, b);
  const range = max - Math.min(r, g, b);
  return pack(hue(r, g, b, max, range), max === 0 ? 0 : (255 * range) / max, max);
};

const hueOnly: Convert = (r, g, b) => {
  const max = Math.max(r, g, b);
  return pack(hue(r, g, b, max, max - Math.min(r, g, b)));
};

const normalizedRgb: Convert = (r, g, b) => {
  const scale = 255 / Math.max(1, r + g + b);
  return pack(r * scale, g * scale, b * scale);
};

const rgI: Convert = (r, g, b) => {
  const sum = r + g + b;
  const scale = 255 / Math.max(1, sum);
  return pack(r * scale, g * scale, sum / 3);
};

/** Opponent colours divided by the intensity: O1/O3 lies in ±√1.5, O2/O3 in [−√2, √0.5]; both are stretched to 0…255. */
const opponentByIntensity: Convert = (r, g, b) => {
  const sum = Math.max(1, r + g + b);
  return pack(127.5 * (1 + (r - g) / sum), 85 * (2 + (r + g - 2 * b) / sum));
};

const SPACES: Record<ColorSpace, { channels: number; convert: Convert }> = {
  RGB: { channels: 3, convert: pack },
  I: { channels: 1, convert: (r, g, b) => pack((r + g + b) / 3) },
  Lab: { channels: 3, convert: lab },
  rgI: { channels: 3, convert: rgI },
  HSV: { channels: 3, convert: hsv },
  rgb: { channels: 3, convert: normalizedRgb },
  C: { channels: 2, convert: opponentByIntensity },
  H: { channels: 1, convert: hueOnly },
};

/** Names of the colour spaces, for checks. */
export const COLOR_SPACES = Object.keys(SPACES) as ColorSpace[];

/**
 * Converts an image to a colour space of IJCV 2013 Table 1, rounded to bytes so that every channel spans the same 0…255
 * that the paper's k and its 25 histogram bins are set for. Alpha is ignored.
 */
export function toColorSpace({ arena }: Kernel, image: RgbImage, space: ColorSpace): Planes {
  const { width, height, data } = image;
  const { channels, convert } = SPACES[space];
  const pixels = width * height;
  const stride = data.length / pixels;
  const planes = Array.from({ length: channels }, () => arena.alloc(pixels));
  const views = planes.map((plane) => arena.u8(plane, pixels));
  for (let p = 0, q = 0; p < pixels; p++, q += stride) {
    let packed = convert(data[q]!, data[q + 1]!, data[q + 2]!);
    for (let c = 0; c < channels; c++, packed >>= 8) views[c]![p] = packed;
  }
  return { width, height, planes };
}
