import { gatherBoxes, type Boxes } from '@roikit/geometry';

/** Regions without those that repeat another's cells, and which of them each of the originals is. */
export interface DistinctRegions {
  boxes: Boxes;
  of: Int32Array;
}

/** @param cells as many numbers of each region, equal where features are */
export function distinctRegions(boxes: Boxes, cells: Int32Array): DistinctRegions {
  const seen = new Map<string, number>();
  const kept: number[] = [];
  const of = new Int32Array(boxes.length / 4);
  const each = cells.length / of.length;
  for (let i = 0; i < of.length; i++) {
    const key = cells.subarray(each * i, each * (i + 1)).join();
    const known = seen.get(key);
    of[i] = known ?? kept.length;
    if (known !== undefined) continue;
    seen.set(key, kept.length);
    kept.push(i);
  }
  return { boxes: gatherBoxes(boxes, kept), of };
}

/** The rows of distinct regions, again one for each of the originals. */
export function expandRows(rows: Float32Array, { boxes, of }: DistinctRegions): Float32Array {
  const width = rows.length / (boxes.length / 4);
  const result = new Float32Array(of.length * width);
  of.forEach((row, i) => result.set(rows.subarray(row * width, (row + 1) * width), i * width));
  return result;
}
