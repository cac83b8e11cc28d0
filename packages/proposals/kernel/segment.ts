// Graph segmentation (Felzenszwalb and Huttenlocher, IJCV 2004) over sorted edges, on a union–find forest:
// parent i32 [pixels] (a root is its own), node [pixels] of {size i32, limit f32}, limit being Int(C) + k / |C| of a root.

const STEPS: f32 = 128;
const BATCH: i32 = 2048;

// @ts-expect-error: decorators are AssemblyScript's
@inline
function parentOf(parent: usize, i: u32): u32 {
  return load<u32>(parent + ((<usize>i) << 2));
}

// @ts-expect-error: decorators are AssemblyScript's
@inline
function find(parent: usize, i: u32): u32 {
  let up = parentOf(parent, i);
  while (up != i) {
    const over = parentOf(parent, up);
    store<u32>(parent + ((<usize>i) << 2), over);
    i = up;
    up = over;
  }
  return i;
}

/** Joins two roots, the smaller below the larger, and returns the address of the node that stays. */
// @ts-expect-error: decorators are AssemblyScript's
@inline
function link(parent: usize, nodes: usize, a: u32, b: u32): usize {
  let keep = nodes + ((<usize>a) << 3);
  const other = nodes + ((<usize>b) << 3);
  const size = load<i32>(keep) + load<i32>(other);
  if (load<i32>(keep) >= load<i32>(other)) {
    store<u32>(parent + ((<usize>b) << 2), a);
  } else {
    store<u32>(parent + ((<usize>a) << 2), b);
    keep = other;
  }
  store<i32>(keep, size);
  return keep;
}

// @ts-expect-error: decorators are AssemblyScript's
@inline
function farEnd(e: u32, width: i32): u32 {
  const d = e & 3;
  return (e >>> 2) + (d == 0 ? 1 : <u32>(width - 2) + d);
}

/**
 * Writes those of `count` edges whose ends are not known to be in one region already, without a branch, because three edges
 * in four fall away here and no processor can guess which.
 */
function filterBatch(edges: usize, count: i32, width: i32, parent: usize, kept: usize): i32 {
  let n: usize = kept;
  for (let i = 0; i < count; i++) {
    const e = load<u32>(edges + ((<usize>i) << 2));
    const a = parentOf(parent, parentOf(parent, e >>> 2));
    const b = parentOf(parent, parentOf(parent, farEnd(e, width)));
    store<u32>(n, e);
    n += (<usize>(a != b)) << 2;
  }
  return <i32>((n - kept) >> 2);
}

export function resetForest(pixels: i32, parent: usize, nodes: usize, k: f32): void {
  for (let i = 0; i < pixels; i++) {
    store<u32>(parent + ((<usize>i) << 2), i);
    const node = nodes + ((<usize>i) << 3);
    store<i32>(node, 1);
    store<f32>(node, k, 4);
  }
}

/**
 * Algorithm 1: in order of weight, joins two regions when the weight is within both limits.
 * @returns how many edges were refused; they are written to `refused`, in order
 */
export function joinSimilar(edges: usize, count: i32, levels: usize, width: i32, parent: usize, nodes: usize, k: f32, refused: usize, batch: usize): i32 {
  let out = refused;
  for (let start = 0; start < count; start += BATCH) {
    const kept = filterBatch(edges + ((<usize>start) << 2), min(BATCH, count - start), width, parent, batch);
    for (let i = 0; i < kept; i++) {
      const e = load<u32>(batch + ((<usize>i) << 2));
      const a = find(parent, e >>> 2);
      const b = find(parent, farEnd(e, width));
      if (a == b) continue;
      const weight = <f32>load<u16>(levels + ((<usize>e) << 1)) / STEPS;
      if (weight <= load<f32>(nodes + ((<usize>a) << 3), 4) && weight <= load<f32>(nodes + ((<usize>b) << 3), 4)) {
        const node = link(parent, nodes, a, b);
        store<f32>(node, weight + k / <f32>load<i32>(node), 4);
      } else {
        store<u32>(out, e);
        out += 4;
      }
    }
  }
  return <i32>((out - refused) >> 2);
}

/** Joins every region below `minSize` with the neighbour across its lightest edge. */
export function joinSmall(refused: usize, count: i32, width: i32, parent: usize, nodes: usize, minSize: i32): void {
  for (let i = 0; i < count; i++) {
    const e = load<u32>(refused + ((<usize>i) << 2));
    const a = find(parent, e >>> 2);
    const b = find(parent, farEnd(e, width));
    if (a == b) continue;
    if (min(load<i32>(nodes + ((<usize>a) << 3)), load<i32>(nodes + ((<usize>b) << 3))) < minSize) link(parent, nodes, a, b);
  }
}

/** Numbers the regions by their first pixel: labels i32 [pixels], filled with −1 before. @returns how many there are */
export function label(pixels: i32, parent: usize, labels: usize): i32 {
  let count = 0;
  for (let p = 0; p < pixels; p++) {
    const at = labels + ((<usize>find(parent, p)) << 2);
    if (load<i32>(at) == -1) store<i32>(at, count++);
    store<i32>(labels + ((<usize>p) << 2), load<i32>(at));
  }
  return count;
}
