import type { Kernel } from './kernel/kernel';
import { MergeQueue } from './mergeQueue';
import type { Regions } from './regions';
import { regionSimilarity } from './similarity';
import type { Similarity } from './types';

/** Linked lists of the neighbours of each row; merging two regions joins their lists in one step. */
interface Adjacency {
  head: Int32Array;
  tail: Int32Array;
  next: Int32Array;
  target: Int32Array;
}

function adjacencyLists(count: number, pairs: Int32Array): Adjacency {
  const lists: Adjacency = {
    head: new Int32Array(count).fill(-1),
    tail: new Int32Array(count).fill(-1),
    next: new Int32Array(pairs.length).fill(-1),
    target: new Int32Array(pairs.length),
  };
  for (let i = 0; i < pairs.length; i++) {
    lists.target[i] = pairs[i ^ 1]!;
    append(lists, pairs[i]!, i);
  }
  return lists;
}

function append({ head, tail, next }: Adjacency, row: number, entry: number): void {
  if (head[row] === -1) head[row] = entry;
  else next[tail[row]!] = entry;
  tail[row] = entry;
  next[entry] = -1;
}

/** State of one grouping. Rows are the slots of the initial regions: a merged region takes over the slot of one of its parts. */
interface Grouping {
  regions: Regions;
  lists: Adjacency;
  /** Slot that took each slot over, followed to the living one. */
  parent: Int32Array;
  /** Region number in each slot: 0…count − 1 initial, then one more a merge. */
  ids: Int32Array;
  /** Slot of each region number, or −1 once it has been merged. */
  slots: Int32Array;
  stamps: Int32Array;
}

function living(parent: Int32Array, slot: number): number {
  while (parent[slot] !== slot) slot = parent[slot] = parent[parent[slot]!]!;
  return slot;
}

/** Region t = a ∪ b in the slot of a: sizes and histogram counts add (Eq 2), the box grows. */
function mergeRegions(
  { wasm }: Kernel,
  { sizes, boxes, rows, rowFloats }: Regions,
  a: number,
  b: number,
): void {
  sizes[a]! += sizes[b]!;
  wasm.addRows(rows + 4 * a * rowFloats, rows + 4 * b * rowFloats, rowFloats / 4);
  for (let i = 0; i < 2; i++) {
    boxes[4 * a + i] = Math.min(boxes[4 * a + i]!, boxes[4 * b + i]!);
    boxes[4 * a + 2 + i] = Math.max(boxes[4 * a + 2 + i]!, boxes[4 * b + 2 + i]!);
  }
}

/** Joins the lists of a and b, drops what now points inside or repeats, and visits each neighbour that is left. */
function visitNeighbours(
  state: Grouping,
  a: number,
  b: number,
  id: number,
  visit: (slot: number) => void,
): void {
  const { lists, parent, stamps } = state;
  const first = lists.head[a]!;
  const second = lists.head[b]!;
  lists.head[a] = -1;
  for (const start of [first, second]) {
    for (let entry = start, following; entry !== -1; entry = following) {
      following = lists.next[entry]!;
      const slot = living(parent, lists.target[entry]!);
      if (slot === a || stamps[slot] === id) continue;
      stamps[slot] = id;
      lists.target[entry] = slot;
      append(lists, a, entry);
      visit(slot);
    }
  }
}

/**
 * Hierarchical grouping (IJCV 2013 Algorithm 1): merges the most similar neighbours until one region is left.
 * Consumes `regions`: its rows are merged in place.
 *
 * @param pairs neighbouring regions, `[P × 2]`
 * @param onMerge hears the numbers of the two regions of each merge
 * @returns boxes of all regions, `[2 · count − 1, 4]`, initial ones first, then in the order they were made
 */
export function groupRegions(
  kernel: Kernel,
  regions: Regions,
  pairs: Int32Array,
  similarities: readonly Similarity[],
  pixels: number,
  onMerge?: (first: number, second: number) => void,
): Int32Array {
  const { count } = regions;
  const state: Grouping = {
    regions,
    lists: adjacencyLists(count, pairs),
    parent: Int32Array.from({ length: count }, (_, i) => i),
    ids: Int32Array.from({ length: count }, (_, i) => i),
    slots: Int32Array.from({ length: 2 * count - 1 }, (_, i) => (i < count ? i : -1)),
    stamps: new Int32Array(count),
  };
  const { ids, slots, parent } = state;
  const similarity = regionSimilarity(kernel, regions, similarities, pixels);
  const queue = new MergeQueue(2 * pairs.length);
  for (let i = 0; i < pairs.length; i += 2)
    queue.push(pairs[i]!, pairs[i + 1]!, similarity(pairs[i]!, pairs[i + 1]!));
  const boxes = new Int32Array(4 * (2 * count - 1));
  boxes.set(regions.boxes);
  const best = new Int32Array(2);
  for (let id = count; queue.length > 0;) {
    queue.pop(best);
    const a = slots[best[0]!]!;
    const b = slots[best[1]!]!;
    if (a === -1 || b === -1) continue; // one of the two has been merged since
    onMerge?.(best[0]!, best[1]!);
    mergeRegions(kernel, regions, a, b);
    parent[b] = a;
    slots[best[0]!] = slots[best[1]!] = -1;
    slots[id] = a;
    ids[a] = id;
    boxes.set(regions.boxes.subarray(4 * a, 4 * a + 4), 4 * id);
    visitNeighbours(state, a, b, id, (slot) => queue.push(ids[slot]!, id, similarity(slot, a)));
    id++;
  }
  return boxes;
}
