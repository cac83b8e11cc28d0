import type { GroundTruth } from '@roikit/geometry';
import type { RgbImage } from '@roikit/image';
import type { Random } from '../random';
import { integer, uniform } from '../random';
import type { Tone } from './background';
import { addGrain, paintBackground, randomTone } from './background';
import type { Canvas, Region } from './canvas';
import { createCanvas, paint, toRgbImage } from './canvas';
import { inkColour, paintDistractors, paintFaintShapes, paintScratches } from './clutter';
import { oklch } from './colour';
import type { Ink } from './glyph';
import { inkBox, layGlyph } from './glyph';
import type { DigitPool } from './pool';

interface Digit {
  label: number;
  ink: Ink;
  box: Region;
}

/** Paints one scene: background, faint shapes, digits, distractors, scratches, grain. */
export function paintScene(
  pools: readonly DigitPool[],
  { size, random }: { size: number; random: Random },
): { image: RgbImage; truth: GroundTruth } {
  const canvas = createCanvas(size, size);
  const tone = randomTone(random);
  paintBackground(canvas, { tone, random });
  paintFaintShapes(canvas, { tone, random });
  const digits = placeDigits(pools, { size, random });
  for (const { ink } of digits) paintInk(canvas, { ink, tone, random });
  paintDistractors(canvas, { tone, taken: digits.map(({ box }) => box), random });
  paintScratches(canvas, { tone, random });
  addGrain(canvas, { strength: uniform(random, 0.01, 0.05), random });
  return { image: toRgbImage(canvas), truth: toGroundTruth(digits) };
}

// Of the scene's side: 28 to 90 px in a scene of 224. Below, a digit is two cells of a stride-16 feature map.
const [smallest, largest] = [0.125, 0.4];

// Boxes may overlap by this share of the smaller one.
const maxOverlap = 0.1;

function placeDigits(
  pools: readonly DigitPool[],
  { size, random }: { size: number; random: Random },
): Digit[] {
  const digits: Digit[] = [];
  const wanted = integer(random, 2, 6);
  for (let tries = 0; digits.length < wanted && tries < 60; tries++) {
    const digit = randomDigit(pools, { size, random });
    if (fits(digit.box, size) && digits.every(({ box }) => overlap(box, digit.box) <= maxOverlap))
      digits.push(digit);
  }
  return digits;
}

function randomDigit(pools: readonly DigitPool[], { size, random }: { size: number; random: Random }): Digit {
  const label = integer(random, 1, pools.length);
  const pool = pools[label - 1]!;
  const ink = layGlyph(pool.get(integer(random, 0, pool.length - 1)), {
    cx: random() * size,
    cy: random() * size,
    // Even on a logarithmic scale, so that small digits are as frequent as large ones.
    side: size * smallest * (largest / smallest) ** random(),
    // ± 20°: beyond, a 6 becomes a 9 and a 1 a dash.
    angle: uniform(random, -0.35, 0.35),
    shear: uniform(random, -0.15, 0.15),
  });
  return { label, ink, box: inkBox(ink) };
}

/** With a margin of 2 px, so that no digit touches the border. */
function fits({ x1, y1, x2, y2 }: Region, size: number): boolean {
  return x1 >= 2 && y1 >= 2 && x2 <= size - 2 && y2 <= size - 2;
}

/** Intersection over the smaller area. */
function overlap(a: Region, b: Region): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / Math.min(area(a), area(b));
}

function area({ x1, y1, x2, y2 }: Region): number {
  return (x2 - x1) * (y2 - y1);
}

function paintInk(canvas: Canvas, { ink, tone, random }: { ink: Ink; tone: Tone; random: Random }): void {
  const colour = inkColour(tone, random);
  if (tone.lightness > 0.5 && random() < 0.3) {
    const offset = integer(random, 1, 3);
    const shadow = oklch(tone.lightness * 0.6, 0.02, tone.hue);
    paint(canvas, { ...shifted(ink, offset), colour: shadow });
  }
  paint(canvas, { ...shifted(ink, 0), colour });
}

function shifted({ region, coverage }: Ink, offset: number): { region: Region; coverage: Shade } {
  const width = region.x2 - region.x1;
  const [x1, y1] = [region.x1 + offset, region.y1 + offset];
  const strength = offset === 0 ? 1 : 0.4;
  return {
    region: { x1, y1, x2: region.x2 + offset, y2: region.y2 + offset },
    coverage: (x, y) => strength * coverage[(Math.floor(y) - y1) * width + Math.floor(x) - x1]!,
  };
}

type Shade = (x: number, y: number) => number;

function toGroundTruth(digits: readonly Digit[]): GroundTruth {
  return {
    boxes: Float32Array.from(digits.flatMap(({ box }) => [box.x1, box.y1, box.x2, box.y2])),
    labels: Int32Array.from(digits, ({ label }) => label),
  };
}
