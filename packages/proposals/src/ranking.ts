import type { Proposals } from './types';

/**
 * Ranks the boxes of all runs (IJCV 2013 §3.3): the i-th region from the top of its hierarchy gets v = random · i, i = 1 for the
 * whole image; ascending; of equal boxes the first stays.
 *
 * @param runs boxes of each run, `[R, 4]`, in the order the regions were made
 */
export function rankBoxes(
  runs: readonly Int32Array[],
  random: () => number,
  { minSize, maxProposals }: { minSize: number; maxProposals: number },
): Proposals {
  const total = runs.reduce((sum, boxes) => sum + boxes.length / 4, 0);
  const all = new Int32Array(4 * total);
  const values = new Float64Array(total);
  let n = 0;
  for (const boxes of runs) {
    all.set(boxes, 4 * n);
    for (let position = boxes.length / 4; position > 0; position--) values[n++] = random() * position;
  }
  const order = Uint32Array.from(values.keys()).sort((i, j) => values[i]! - values[j]! || i - j);
  return firstOfEach(all, values, order, minSize, maxProposals);
}

function firstOfEach(
  all: Int32Array,
  values: Float64Array,
  order: Uint32Array,
  minSize: number,
  maxProposals: number,
): Proposals {
  const seen = new Set<bigint | string>();
  const kept: number[] = [];
  for (const i of order) {
    if (kept.length >= maxProposals) break;
    const [x1, y1, x2, y2] = all.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
    if (x2 - x1 < minSize || y2 - y1 < minSize) continue;
    const key = `${x1},${y1},${x2},${y2}`;
    if (seen.has(key)) continue;
    seen.add(key);
    kept.push(i);
  }
  const boxes = new Float32Array(4 * kept.length);
  kept.forEach((i, k) => boxes.set(all.subarray(4 * i, 4 * i + 4), 4 * k));
  return { boxes, scores: Float32Array.from(kept, (i) => 1 / (1 + values[i]!)) };
}
