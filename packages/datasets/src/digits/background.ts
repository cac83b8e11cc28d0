import type { Random } from '../random';
import { pick, uniform } from '../random';
import type { Canvas } from './canvas';
import { oklch } from './colour';
import { randomTexture } from './texture';

/** The tone around which a background varies. */
export interface Tone {
  /** OKLCH lightness. */
  lightness: number;
  hue: number;
}

/** Light as paper or dark as slate: in between, no ink would stand out. */
export function randomTone(random: Random): Tone {
  const lightness = random() < 0.65 ? uniform(random, 0.68, 0.92) : uniform(random, 0.18, 0.36);
  return { lightness, hue: uniform(random, 0, 2 * Math.PI) };
}

/** Fills the canvas with a texture between two neighbouring tones, lit from one side. */
export function paintBackground(
  { data, width, height }: Canvas,
  { tone, random }: { tone: Tone; random: Random },
): void {
  const texture = randomTexture(random);
  const depth = uniform(random, 0.03, 0.08);
  const chroma = pick(random, [0.01, 0.03, 0.05, 0.08]);
  const from = oklch(tone.lightness - depth, chroma, tone.hue);
  const to = oklch(tone.lightness + depth, chroma, tone.hue + uniform(random, -0.8, 0.8));
  const lightX = uniform(random, -0.1, 0.1) / width;
  const lightY = uniform(random, -0.1, 0.1) / height;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const t = texture(x, y);
      const light = 1 + lightX * (x - width / 2) * 2 + lightY * (y - height / 2) * 2;
      for (let c = 0; c < 3; c++) data[at + c] = light * (from[c]! + t * (to[c]! - from[c]!));
    }
  }
}

/** A camera's noise: triangular, the same in the three channels. */
export function addGrain({ data }: Canvas, { strength, random }: { strength: number; random: Random }): void {
  for (let at = 0; at < data.length; at += 3) {
    const noise = strength * (random() + random() - 1);
    for (let c = 0; c < 3; c++) data[at + c] = data[at + c]! + noise;
  }
}
