import type { AnnotatedObject } from './annotations';

/** The box around points `x1, y1, x2, y2, …`; undefined for an odd count, none, or what is not finite. */
export function extent(points: readonly number[]): AnnotatedObject['box'] | undefined {
  if (points.length === 0 || points.length % 2 === 1) return undefined;
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < points.length; i++) {
    const [value, axis] = [points[i]!, i % 2];
    if (!Number.isFinite(value)) return undefined;
    box[axis] = Math.min(box[axis]!, value);
    box[axis + 2] = Math.max(box[axis + 2]!, value);
  }
  return box;
}
