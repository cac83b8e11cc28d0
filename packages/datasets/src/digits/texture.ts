import type { Random } from '../random';
import { pick, uniform } from '../random';

/** A pattern: a value in about [0, 1] at each point. */
export type Texture = (x: number, y: number) => number;

/** One of the patterns below, at random scale and angle. */
export function randomTexture(random: Random): Texture {
  return pick(random, [clouds, clouds, grain, ruled, checks, blots])(random);
}

/** Value noise on a lattice of `cell` pixels, repeating after 32 cells. */
function valueNoise(random: Random, cell: number): Texture {
  const lattice = Float32Array.from({ length: 1024 }, random);
  return (x, y) => {
    const u = x / cell;
    const v = y / cell;
    const column = Math.floor(u);
    const row = Math.floor(v);
    const fx = smooth(u - column);
    const fy = smooth(v - row);
    const left = column & 31;
    const right = (column + 1) & 31;
    const top = (row & 31) * 32;
    const bottom = ((row + 1) & 31) * 32;
    const above = lattice[top + left]! * (1 - fx) + lattice[top + right]! * fx;
    const below = lattice[bottom + left]! * (1 - fx) + lattice[bottom + right]! * fx;
    return above * (1 - fy) + below * fy;
  };
}

/** Fractal noise: each octave half as large and half as strong. */
function clouds(random: Random): Texture {
  const cell = uniform(random, 24, 80);
  const octaves = [1, 2, 4, 8].map((divisor) => ({
    noise: valueNoise(random, cell / divisor),
    weight: 1 / divisor,
  }));
  return (x, y) => octaves.reduce((sum, { noise, weight }) => sum + weight * noise(x, y), 0) / 1.875;
}

/** Wood: stripes bent by noise. */
function grain(random: Random): Texture {
  const along = axis(random);
  const bend = valueNoise(random, uniform(random, 40, 90));
  const fine = valueNoise(random, 3);
  const wavelength = uniform(random, 6, 22);
  return (x, y) => 0.45 + 0.4 * Math.sin(along(x, y) / wavelength + 9 * bend(x, y)) + 0.15 * fine(x, y);
}

/** Ruled or squared paper. */
function ruled(random: Random): Texture {
  const across = axis(random);
  const down = random() < 0.5 ? axis(random) : () => 0.5;
  const spacing = uniform(random, 14, 30);
  const soft = clouds(random);
  const line = (t: number): number => Math.max(0, 1.4 - Math.abs(t - spacing * Math.round(t / spacing)));
  return (x, y) => Math.min(0.3 * soft(x, y) + 0.7 * Math.max(line(across(x, y)), line(down(x, y) - 7)), 1);
}

/** Tiles of two tones with soft joints. */
function checks(random: Random): Texture {
  const along = axis(random);
  const across = axis(random);
  const period = uniform(random, 8, 20);
  const soft = clouds(random);
  const wave = (x: number, y: number): number =>
    Math.sin(along(x, y) / period) * Math.sin(across(x, y) / period);
  return (x, y) => 0.25 * soft(x, y) + 0.375 * (1 + Math.tanh(6 * wave(x, y)));
}

/** Blots with clear edges, as on stone or camouflage. */
function blots(random: Random): Texture {
  const shape = clouds(random);
  const fine = valueNoise(random, 2.5);
  const level = uniform(random, 0.42, 0.58);
  return (x, y) =>
    0.8 * smooth(Math.min(Math.max((shape(x, y) - level) * 12 + 0.5, 0), 1)) + 0.2 * fine(x, y);
}

/** Signed distance along a random direction. */
function axis(random: Random): Texture {
  const angle = uniform(random, 0, Math.PI);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return (x, y) => x * cos + y * sin;
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}
