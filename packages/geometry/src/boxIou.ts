import { countFiniteBoxes } from './checks';
import type { Boxes } from './types';

/**
 * Intersection over union of every pair. Two boxes that do not overlap (also: a side ≤ 0) have 0, never NaN.
 * Computed in float64, rounded once to float32.
 *
 * @param a `[N, 4]`
 * @param b `[M, 4]`
 * @returns `[N, M]`, each in [0, 1]
 * @throws RangeError where a coordinate is NaN or infinite
 */
export function boxIou(a: Boxes, b: Boxes): Float32Array {
  const rows = countFiniteBoxes('boxIou', 'a', a);
  const columns = countFiniteBoxes('boxIou', 'b', b);
  const out = new Float32Array(rows * columns); // [N, M]
  for (let i = 0, o = 0; i < a.length; i += 4) {
    const x1 = a[i]!;
    const y1 = a[i + 1]!;
    const x2 = a[i + 2]!;
    const y2 = a[i + 3]!;
    const area = (x2 - x1) * (y2 - y1);
    for (let j = 0; j < b.length; j += 4, o++) {
      const width = Math.min(x2, b[j + 2]!) - Math.max(x1, b[j]!);
      if (width <= 0) continue;
      const height = Math.min(y2, b[j + 3]!) - Math.max(y1, b[j + 1]!);
      if (height <= 0) continue;
      const inter = width * height;
      out[o] = inter / (area + (b[j + 2]! - b[j]!) * (b[j + 3]! - b[j + 1]!) - inter);
    }
  }
  return out;
}
