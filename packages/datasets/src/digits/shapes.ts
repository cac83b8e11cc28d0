import type { Region } from './canvas';

/** A shape as its signed distance in pixels (negative inside), and the region beyond which it is positive. */
export interface Shape {
  region: Region;
  distance: (x: number, y: number) => number;
}

/** A distance as the part of a pixel that the shape covers: a one-pixel ramp at the edge. */
export function antialias(distance: number): number {
  return Math.min(Math.max(0.5 - distance, 0), 1);
}

export function disc(cx: number, cy: number, radius: number): Shape {
  return { region: around(cx, cy, radius + 1), distance: (x, y) => Math.hypot(x - cx, y - cy) - radius };
}

/** Rectangle of half sizes `w` and `h`, turned by `angle`. */
export function rectangle(
  cx: number,
  cy: number,
  { w, h, angle }: { w: number; h: number; angle: number },
): Shape {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const distance = (x: number, y: number): number => {
    const u = Math.abs((x - cx) * cos + (y - cy) * sin) - w;
    const v = Math.abs((y - cy) * cos - (x - cx) * sin) - h;
    return Math.hypot(Math.max(u, 0), Math.max(v, 0)) + Math.min(Math.max(u, v), 0);
  };
  return { region: around(cx, cy, Math.hypot(w, h) + 1), distance };
}

/** A stroke through `points` (x y x y …) of half thickness `radius`. */
export function polyline(points: readonly number[], radius: number): Shape {
  const xs = points.filter((_, i) => i % 2 === 0);
  const ys = points.filter((_, i) => i % 2 === 1);
  const reach = radius + 1;
  const distance = (x: number, y: number): number => {
    let nearest = Infinity;
    for (let i = 0; i + 3 < points.length; i += 2) {
      nearest = Math.min(nearest, segmentDistance2(x - points[i]!, y - points[i + 1]!, points, i));
    }
    return Math.sqrt(nearest) - radius;
  };
  const region = {
    x1: Math.min(...xs) - reach,
    y1: Math.min(...ys) - reach,
    x2: Math.max(...xs) + reach,
    y2: Math.max(...ys) + reach,
  };
  return { region, distance };
}

/** Squared distance of (px, py), relative to point i, from the segment i → i + 2. */
function segmentDistance2(px: number, py: number, points: readonly number[], i: number): number {
  const dx = points[i + 2]! - points[i]!;
  const dy = points[i + 3]! - points[i + 1]!;
  const t = Math.min(Math.max((px * dx + py * dy) / (dx * dx + dy * dy || 1), 0), 1);
  return (px - t * dx) ** 2 + (py - t * dy) ** 2;
}

/** Only the rim of a shape, `thickness` pixels inwards. */
export function outline({ region, distance }: Shape, thickness: number): Shape {
  return { region, distance: (x, y) => Math.abs(distance(x, y) + thickness / 2) - thickness / 2 };
}

function around(cx: number, cy: number, reach: number): Region {
  return { x1: cx - reach, y1: cy - reach, x2: cx + reach, y2: cy + reach };
}
