import { gatherBoxes, type Boxes } from '@roikit/geometry';

/** Regions without those that repeat another's cells, and which of them each of the originals is. */
export interface DistinctRegions {
  boxes: Boxes;
  of: Int32Array;
}

/** @param cells as many numbers of each region, equal where features are */
export function distinctRegions(boxes: Boxes, cells: Int32Array): DistinctRegions {
  const of = new Int32Array(boxes.length / 4);
  const each = cells.length / of.length;
  const kept = new Int32Array(of.length);
  let length = 0;
  // A hash table of the kept ones, at most half full: −1 where nothing is.
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * of.length + 1))).fill(-1);
  for (let i = 0; i < of.length; i++) {
    let slot = hashOf(cells, each * i, each) & (slots.length - 1);
    while (slots[slot]! >= 0 && !areEqual(cells, each * kept[slots[slot]!]!, each * i, each))
      slot = (slot + 1) & (slots.length - 1);
    if (slots[slot]! < 0) {
      kept[length] = i;
      slots[slot] = length++;
    }
    of[i] = slots[slot]!;
  }
  return { boxes: gatherBoxes(boxes, kept.subarray(0, length)), of };
}

/** FNV-1a of whole numbers, and its upper bits on the lower ones, which the table is addressed by. */
function hashOf(cells: Int32Array, start: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < start + length; i++) hash = Math.imul(hash ^ cells[i]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

function areEqual(cells: Int32Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (cells[a + i] !== cells[b + i]) return false;
  return true;
}

/** The rows of distinct regions, again one for each of the originals. */
export function expandRows(rows: Float32Array, { boxes, of }: DistinctRegions): Float32Array {
  const width = rows.length / (boxes.length / 4);
  const result = new Float32Array(of.length * width);
  for (let i = 0; i < of.length; i++) {
    for (let c = 0; c < width; c++) result[i * width + c] = rows[of[i]! * width + c]!;
  }
  return result;
}
