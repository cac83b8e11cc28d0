import type { Random } from '../random';
import { integer, pick, uniform } from '../random';
import type { Tone } from './background';
import type { Canvas, Region } from './canvas';
import { paint } from './canvas';
import { oklch } from './colour';
import type { Shape } from './shapes';
import { antialias, disc, outline, polyline, rectangle } from './shapes';

interface Spot {
  cx: number;
  cy: number;
  /** Half of the shape's extent. */
  radius: number;
  /** Half of the strokes' thickness. */
  stroke: number;
}

/** Faint large shapes, below the digits. */
export function paintFaintShapes(canvas: Canvas, { tone, random }: { tone: Tone; random: Random }): void {
  for (let n = integer(random, 3, 8); n > 0; n--) {
    const radius = uniform(random, 0.05, 0.22) * canvas.width;
    const stroke = radius * uniform(random, 0.06, 0.2);
    const shape = randomShape(random, { ...anywhere(canvas, random), radius, stroke });
    const step = pick(random, [-1, 1]) * uniform(random, 0.04, 0.11);
    const colour = oklch(tone.lightness + step, uniform(random, 0.02, 0.09), uniform(random, 0, 2 * Math.PI));
    const opacity = uniform(random, 0.5, 0.9);
    paint(canvas, {
      region: shape.region,
      colour,
      coverage: (x, y) => opacity * antialias(shape.distance(x, y)),
    });
  }
}

/** Strokes and shapes as strong as ink, where no digit is: what a detector must learn to leave alone. */
export function paintDistractors(
  canvas: Canvas,
  { tone, taken, random }: { tone: Tone; taken: readonly Region[]; random: Random },
): void {
  for (let n = integer(random, 2, 6); n > 0; n--) {
    const radius = uniform(random, 0.02, 0.09) * canvas.width;
    // Thin for its size: a thick stroke would be a 1, and no one could tell.
    const stroke = Math.max(radius * uniform(random, 0.02, 0.06), 0.5);
    const shape = randomShape(random, { ...anywhere(canvas, random), radius, stroke });
    if (taken.some((region) => meets(region, shape.region))) continue;
    const colour = inkColour(tone, random);
    paint(canvas, { region: shape.region, colour, coverage: (x, y) => antialias(shape.distance(x, y)) });
  }
}

/** Hairlines across the whole picture, over the digits too. */
export function paintScratches(canvas: Canvas, { tone, random }: { tone: Tone; random: Random }): void {
  for (let n = integer(random, 0, 2); n > 0; n--) {
    const radius = uniform(random, 0.2, 0.5) * canvas.width;
    const stroke = uniform(random, 0.4, 0.7);
    const shape = curvedStroke(random, { ...anywhere(canvas, random), radius, stroke });
    const colour = inkColour(tone, random);
    paint(canvas, {
      region: shape.region,
      colour,
      coverage: (x, y) => 0.45 * antialias(shape.distance(x, y)),
    });
  }
}

/** A colour that stands out against the tone by .33 to .7 of lightness. */
export function inkColour({ lightness }: Tone, random: Random): readonly [number, number, number] {
  const contrast = uniform(random, 0.33, 0.7);
  const ink = lightness > 0.5 ? Math.max(lightness - contrast, 0.08) : Math.min(lightness + contrast, 0.97);
  return oklch(ink, uniform(random, 0.02, 0.2), uniform(random, 0, 2 * Math.PI));
}

function randomShape(random: Random, spot: Spot): Shape {
  return pick(random, [curvedStroke, curvedStroke, straightStroke, ring, dot, box, triangle])(random, spot);
}

function curvedStroke(random: Random, spot: Spot): Shape {
  return polyline(curve(random, spot), spot.stroke);
}

function straightStroke(random: Random, { cx, cy, radius, stroke }: Spot): Shape {
  const angle = uniform(random, 0, Math.PI);
  const dx = radius * Math.cos(angle);
  const dy = radius * Math.sin(angle);
  return polyline([cx - dx, cy - dy, cx + dx, cy + dy], stroke);
}

function ring(_random: Random, { cx, cy, radius, stroke }: Spot): Shape {
  return outline(disc(cx, cy, radius), 2 * stroke);
}

function dot(random: Random, { cx, cy, radius }: Spot): Shape {
  return disc(cx, cy, radius * uniform(random, 0.3, 0.8));
}

function box(random: Random, spot: Spot): Shape {
  const w = spot.radius * uniform(random, 0.3, 0.8);
  const h = spot.radius * uniform(random, 0.3, 0.8);
  const filled = rectangle(spot.cx, spot.cy, { w, h, angle: uniform(random, 0, Math.PI) });
  return random() < 0.5 ? filled : outline(filled, 2 * spot.stroke);
}

function triangle(random: Random, { cx, cy, radius, stroke }: Spot): Shape {
  const start = uniform(random, 0, 2 * Math.PI);
  const corners = [0, 1, 2, 3].flatMap((i) => {
    const angle = start + (i * 2 * Math.PI) / 3;
    return [cx + radius * Math.cos(angle), cy + radius * Math.sin(angle)];
  });
  return polyline(corners, stroke);
}

/** A cubic Bézier curve within `radius` of the spot, as 12 chords. */
function curve(random: Random, { cx, cy, radius }: Spot): number[] {
  const control = Array.from(
    { length: 8 },
    (_, i) => (i % 2 === 0 ? cx : cy) + uniform(random, -radius, radius),
  );
  const points: number[] = [];
  for (let i = 0; i <= 12; i++) {
    const t = i / 12;
    const weights = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3];
    for (const axis of [0, 1])
      points.push(weights.reduce((sum, w, k) => sum + w * control[2 * k + axis]!, 0));
  }
  return points;
}

function anywhere({ width, height }: Canvas, random: Random): Pick<Spot, 'cx' | 'cy'> {
  return { cx: random() * width, cy: random() * height };
}

function meets(a: Region, b: Region): boolean {
  return a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2;
}
