import type { Region } from './canvas';

/** Side of a picture in the `mnist` package. */
export const glyphSide = 28;

/** How a digit is laid down. */
export interface Placement {
  /** Centre of the ink before shear and rotation, in scene pixels. */
  cx: number;
  cy: number;
  /** The ink's longer side in pixels, before rotation. */
  side: number;
  /** Radians, clockwise. */
  angle: number;
  /** Horizontal shift per unit of height. */
  shear: number;
}

/** A digit as it falls on the scene: coverage in [0, 1] of each pixel of `region`, row-major. */
export interface Ink {
  region: Region;
  coverage: Float32Array;
}

// A stroke of the smallest digits is about 2 px: taken at half of full ink, thin strokes would break.
const inkLevel = 0.4;

/** Lays a 28×28 picture (values in [0, 1]) on the scene. */
export function layGlyph(pixels: ArrayLike<number>, { cx, cy, side, angle, shear }: Placement): Ink {
  const ink = inkRegion(pixels);
  const scale = side / Math.max(ink.x2 - ink.x1, ink.y2 - ink.y1);
  const midX = (ink.x1 + ink.x2) / 2;
  const midY = (ink.y1 + ink.y2) / 2;
  const reach = Math.ceil(side * (1 + Math.abs(shear)) * 0.75);
  const region = { x1: Math.floor(cx) - reach, y1: Math.floor(cy) - reach, x2: 0, y2: 0 };
  const width = 2 * reach + 1;
  region.x2 = region.x1 + width;
  region.y2 = region.y1 + width;
  const cos = Math.cos(angle) / scale;
  const sin = Math.sin(angle) / scale;
  const coverage = new Float32Array(width * width);
  // Farther than two source pixels from it there is nothing to interpolate.
  const halfWidth = (ink.x2 - ink.x1) / 2 + 2;
  const halfHeight = (ink.y2 - ink.y1) / 2 + 2;
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      const dx = region.x1 + x + 0.5 - cx;
      const dy = region.y1 + y + 0.5 - cy;
      const v = dy * cos - dx * sin;
      const u = dx * cos + dy * sin + shear * v;
      if (Math.abs(u) > halfWidth || Math.abs(v) > halfHeight) continue;
      // Upsampling blurs the edge over `scale` pixels; the ramp brings it back to about one.
      const value = (bicubic(pixels, midX + u, midY + v) - inkLevel) * scale + 0.5;
      coverage[y * width + x] = Math.min(Math.max(value, 0), 1);
    }
  }
  return { region, coverage };
}

/** The tight box around the ink as `x1 y1 x2 y2`: every pixel more than half covered. */
export function inkBox({ region, coverage }: Ink): Region {
  const width = region.x2 - region.x1;
  const box = { x1: Infinity, y1: Infinity, x2: -Infinity, y2: -Infinity };
  coverage.forEach((value, i) => {
    if (value < 0.5) return;
    const x = region.x1 + (i % width);
    const y = region.y1 + Math.floor(i / width);
    box.x1 = Math.min(box.x1, x);
    box.y1 = Math.min(box.y1, y);
    box.x2 = Math.max(box.x2, x + 1);
    box.y2 = Math.max(box.y2, y + 1);
  });
  return box;
}

function inkRegion(pixels: ArrayLike<number>): Region {
  const region = { x1: 0, y1: 0, x2: glyphSide, y2: glyphSide };
  return inkBox({ region, coverage: Float32Array.from(pixels, (value) => (value > inkLevel ? 1 : 0)) });
}

/** Catmull-Rom interpolation at (x, y), where pixel i covers [i, i + 1); zero outside. */
function bicubic(pixels: ArrayLike<number>, x: number, y: number): number {
  const column = Math.floor(x - 0.5);
  const row = Math.floor(y - 0.5);
  if (column < -1 || row < -1 || column > glyphSide || row > glyphSide) return 0;
  let sum = 0;
  for (let j = Math.max(row - 1, 0); j <= Math.min(row + 2, glyphSide - 1); j++) {
    const weight = catmullRom(y - 0.5 - j);
    for (let i = Math.max(column - 1, 0); i <= Math.min(column + 2, glyphSide - 1); i++) {
      sum += weight * catmullRom(x - 0.5 - i) * pixels[j * glyphSide + i]!;
    }
  }
  return sum;
}

/** Keys' cubic kernel with a = −1/2. */
function catmullRom(distance: number): number {
  const t = Math.abs(distance);
  if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
  return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
}
