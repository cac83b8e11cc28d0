import type { Boxes } from './types';

/** Cells along a mean side: more makes the lists of kept boxes shorter, and filling them dearer (bench/nms.bench.ts). */
const CELLS_PER_SIDE = 3;

/** Most cells for each box, so that sparse boxes do not pay for clearing empty ones. */
const CELLS_PER_BOX = 2;

/** Room for the rounding of float32 overlaps (relative error < 1e-6) when the search is narrowed by the threshold. */
const ROUNDING_MARGIN = 1e-5;

/** Below this area (float32's normal numbers end at 1e-38) or threshold the margin is not sure to be enough. */
const SMALLEST_SAFE_AREA = 1e-30;
const SMALLEST_SAFE_THRESHOLD = 1e-3;

/** One axis cut into equal cells. */
interface Axis {
  origin: number;
  cellsPerPixel: number;
  cells: number;
}

function measureAxis(boxes: Boxes, order: Int32Array, offset: 0 | 1): Axis {
  let low = Infinity;
  let high = -Infinity;
  let total = 0;
  for (let i = 0; i < order.length; i++) {
    const start = boxes[order[i]! * 4 + offset]!;
    const end = boxes[order[i]! * 4 + offset + 2]!;
    if (start < low) low = start;
    if (end > high) high = end;
    if (end > start) total += end - start;
  }
  if (total <= 0) return { origin: 0, cellsPerPixel: 0, cells: 1 };
  const meanSide = total / order.length;
  const cells = Math.min(order.length, Math.ceil((CELLS_PER_SIDE * (high - low)) / meanSide));
  return { origin: low, cellsPerPixel: cells / (high - low), cells };
}

/** Coarsens both axes alike until they make at most `limit` cells. */
function limitCells(x: Axis, y: Axis, limit: number): void {
  const shrink = Math.sqrt(limit / (x.cells * y.cells));
  if (shrink >= 1) return;
  for (const axis of [x, y]) {
    const cells = Math.max(1, Math.floor(axis.cells * shrink));
    axis.cellsPerPixel *= cells / axis.cells;
    axis.cells = cells;
  }
}

/** Rising in `value`, which is all that finding a box in the cells it touches depends on. */
function cellOf(axis: Axis, value: number): number {
  return Math.max(0, Math.min(axis.cells - 1, Math.floor((value - axis.origin) * axis.cellsPerPixel)));
}

/** float32 areas, rounded at each step as torchvision's kernel does. */
export function float32Areas(boxes: Boxes): Float32Array {
  const areas = new Float32Array(boxes.length / 4);
  for (let i = 0, b = 0; b < boxes.length; i++, b += 4) {
    areas[i] = Math.fround(boxes[b + 2]! - boxes[b]!) * Math.fround(boxes[b + 3]! - boxes[b + 1]!);
  }
  return areas;
}

/** The share of a box that a kept one must cover to suppress it, for narrowing the search; 0 where rounding forbids that. */
function leastShare(areas: Float32Array, order: Int32Array, iouThreshold: number): number {
  if (iouThreshold < SMALLEST_SAFE_THRESHOLD) return 0;
  for (let i = 0; i < order.length; i++) {
    const area = areas[order[i]!]!;
    if (area !== 0 && Math.abs(area) < SMALLEST_SAFE_AREA) return 0;
  }
  return iouThreshold * (1 - ROUNDING_MARGIN);
}

/**
 * The boxes an NMS has kept so far, listed in every cell of a uniform grid they touch.
 *
 * A box that overlaps a kept one by IoU > t shares more than t of its width and of its height with it. A stretch
 * longer than t·w inside [x1, x2] meets [x1 + t·w, x2 − t·w], and holds its middle where t ≥ ½. So only the cells
 * under that inner box have to be looked at: mostly one. And of the boxes in them only those whose area is more than t
 * of the box's, and less than 1/t of it.
 */
export class KeptGrid {
  readonly #boxes: Boxes;
  readonly #areas: Float32Array;
  readonly #threshold: number;
  readonly #share: number;
  readonly #x: Axis;
  readonly #y: Axis;
  /** First entry of each cell's list, −1 for none. */
  readonly #heads: Int32Array;
  #next: Int32Array;
  #items: Int32Array;
  #length = 0;

  /** `order`: the candidates to come; other boxes may be in `boxes` but are never asked about. */
  constructor(boxes: Boxes, areas: Float32Array, order: Int32Array, iouThreshold: number) {
    this.#boxes = boxes;
    this.#areas = areas;
    this.#threshold = iouThreshold;
    this.#share = leastShare(areas, order, iouThreshold);
    this.#x = measureAxis(boxes, order, 0);
    this.#y = measureAxis(boxes, order, 1);
    limitCells(this.#x, this.#y, CELLS_PER_BOX * order.length);
    this.#heads = new Int32Array(this.#x.cells * this.#y.cells).fill(-1);
    this.#next = new Int32Array(2 * order.length);
    this.#items = new Int32Array(2 * order.length);
  }

  /** Whether box `index` overlaps a kept box by IoU above the threshold. */
  overlaps(index: number): boolean {
    const b = index * 4;
    const boxes = this.#boxes;
    const inset = Math.min(0.5, this.#share);
    const insetX = inset * (boxes[b + 2]! - boxes[b]!);
    const insetY = inset * (boxes[b + 3]! - boxes[b + 1]!);
    const left = cellOf(this.#x, boxes[b]! + insetX);
    const top = cellOf(this.#y, boxes[b + 1]! + insetY);
    // Math.max: at an inset of ½ both ends are the middle, which rounding may put in two cells
    const right = Math.max(left, cellOf(this.#x, boxes[b + 2]! - insetX));
    const bottom = Math.max(top, cellOf(this.#y, boxes[b + 3]! - insetY));
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        if (this.#overlapsInCell(index, this.#heads[row * this.#x.cells + column]!)) return true;
      }
    }
    return false;
  }

  #overlapsInCell(index: number, head: number): boolean {
    const boxes = this.#boxes;
    const areas = this.#areas;
    const items = this.#items;
    const next = this.#next;
    const threshold = this.#threshold;
    const x1 = boxes[index * 4]!;
    const y1 = boxes[index * 4 + 1]!;
    const x2 = boxes[index * 4 + 2]!;
    const y2 = boxes[index * 4 + 3]!;
    const area = areas[index]!;
    const smallest = area * this.#share;
    const largest = area / this.#share; // infinite where nothing may be ruled out
    for (let entry = head; entry >= 0; entry = next[entry]!) {
      const item = items[entry]!;
      if (areas[item]! < smallest || areas[item]! > largest) continue;
      const k = item * 4;
      const width = Math.fround(Math.min(x2, boxes[k + 2]!) - Math.max(x1, boxes[k]!));
      if (width <= 0) continue;
      const height = Math.fround(Math.min(y2, boxes[k + 3]!) - Math.max(y1, boxes[k + 1]!));
      if (height <= 0) continue;
      const inter = Math.fround(width * height);
      const union = Math.fround(Math.fround(areas[item]! + area) - inter);
      if (Math.fround(inter / union) > threshold) return true;
    }
    return false;
  }

  /** Keeps box `index`. One without extent can overlap nothing and is not listed. */
  add(index: number): void {
    const b = index * 4;
    const boxes = this.#boxes;
    if (boxes[b + 2]! <= boxes[b]! || boxes[b + 3]! <= boxes[b + 1]!) return;
    const left = cellOf(this.#x, boxes[b]!);
    const right = cellOf(this.#x, boxes[b + 2]!);
    const top = cellOf(this.#y, boxes[b + 1]!);
    const bottom = cellOf(this.#y, boxes[b + 3]!);
    this.#reserve((right - left + 1) * (bottom - top + 1));
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        const cell = row * this.#x.cells + column;
        this.#items[this.#length] = index;
        this.#next[this.#length] = this.#heads[cell]!;
        this.#heads[cell] = this.#length++;
      }
    }
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#items.length) return;
    const grow = (old: Int32Array): Int32Array => {
      const grown = new Int32Array(2 * needed);
      grown.set(old);
      return grown;
    };
    this.#items = grow(this.#items);
    this.#next = grow(this.#next);
  }
}
