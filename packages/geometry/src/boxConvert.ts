import { checkChoice, countBoxes } from './checks';

/** Corners (this library's own), COCO's corner and size, or centre and size. */
export type BoxFormat = 'xyxy' | 'xywh' | 'cxcywh';

/** First two numbers of a format as corner + fraction · size. */
const ORIGIN: Record<Exclude<BoxFormat, 'xyxy'>, number> = { xywh: 0, cxcywh: 0.5 };

function toCorners(boxes: Float32Array, origin: number): Float32Array {
  const out = new Float32Array(boxes.length);
  for (let b = 0; b < boxes.length; b += 4) {
    const x1 = boxes[b]! - origin * boxes[b + 2]!;
    const y1 = boxes[b + 1]! - origin * boxes[b + 3]!;
    out.set([x1, y1, x1 + boxes[b + 2]!, y1 + boxes[b + 3]!], b);
  }
  return out;
}

function fromCorners(boxes: Float32Array, origin: number): Float32Array {
  const out = new Float32Array(boxes.length);
  for (let b = 0; b < boxes.length; b += 4) {
    const width = boxes[b + 2]! - boxes[b]!;
    const height = boxes[b + 3]! - boxes[b + 1]!;
    out.set([boxes[b]! + origin * width, boxes[b + 1]! + origin * height, width, height], b);
  }
  return out;
}

/**
 * Rewrites boxes from one format into another. No check and no rounding beyond float32: NaN and ∞ pass through as
 * arithmetic has it.
 *
 * @param boxes `[N, 4]` in format `from`
 * @returns `[N, 4]` in format `to`, a new array
 * @throws TypeError for a format other than `xyxy`, `xywh`, `cxcywh`
 */
export function boxConvert(
  boxes: Float32Array,
  { from, to }: { from: BoxFormat; to: BoxFormat },
): Float32Array {
  countBoxes('boxConvert', 'boxes', boxes);
  for (const format of [from, to]) {
    checkChoice('boxConvert', 'format', format, ['xyxy', 'xywh', 'cxcywh']);
  }
  if (from === to) return boxes.slice();
  const corners = from === 'xyxy' ? boxes : toCorners(boxes, ORIGIN[from]);
  return to === 'xyxy' ? corners : fromCorners(corners, ORIGIN[to]);
}
