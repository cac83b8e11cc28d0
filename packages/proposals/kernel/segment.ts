// Graph segmentation (Felzenszwalb and Huttenlocher, IJCV 2004) over sorted edges, on a union–find forest: `up`, [pixels] of
// {i32: the parent of a pixel, or −size where it is a root; f32: Int(C) + k / |C| of a root}.

const STEPS: f32 = 128;
const LEVELS: i32 = 65535;
/** Edges looked at in one go: their pixels then stay in the innermost cache. */
const BATCH: usize = 256;

@inline
function get(up: usize, i: i32): i32 {
  return load<i32>(up + ((<usize>i) << 3));
}

@inline
function set(up: usize, i: i32, value: i32): void {
  store<i32>(up + ((<usize>i) << 3), value);
}

/** Root of pixel i; halves the path. */
@inline
function find(up: usize, i: i32): i32 {
  let p = get(up, i);
  while (p >= 0) {
    const over = get(up, p);
    if (over < 0) return p;
    set(up, i, over);
    i = over;
    p = get(up, i);
  }
  return i;
}

/** One step towards the root, without a branch. */
@inline
function step(up: usize, i: i32): i32 {
  const p = get(up, i);
  return select(i, p, p < 0);
}

/** Joins two roots, the smaller below the larger, and returns the one that stays. */
@inline
function link(up: usize, a: i32, b: i32): i32 {
  const sizeA = get(up, a);
  const sizeB = get(up, b);
  const root = select(a, b, sizeA <= sizeB);
  set(up, select(b, a, sizeA <= sizeB), root);
  set(up, root, sizeA + sizeB);
  return root;
}

@inline
function farEnd(e: u32, width: i32): i32 {
  const d = <i32>(e & 3);
  return <i32>(e >>> 2) + select(1, width - 2 + d, d == 0);
}

/**
 * Writes {edge, a, b} for those edges from `from` to `to` whose ends are not known to be in one region already; a and b are on
 * the ends' paths to their roots. Without a branch, because two edges in three fall away here and no processor can guess which.
 */
@inline
function filter(from: usize, to: usize, width: i32, up: usize, batch: usize): usize {
  let end = batch;
  for (let at = from; at < to; at += 4) {
    const e = load<u32>(at);
    const a = step(up, step(up, <i32>(e >>> 2)));
    const b = step(up, step(up, farEnd(e, width)));
    store<u32>(end, e);
    store<i32>(end, a, 4);
    store<i32>(end, b, 8);
    end += <usize>(a != b) * 12;
  }
  return end;
}

/** The heaviest edge that may still join the region of this root. */
@inline
function limitOf(up: usize, root: i32): f32 {
  return load<f32>(up + ((<usize>root) << 3), 4);
}

export function resetForest(pixels: i32, up: usize, k: f32): void {
  for (let i = 0; i < pixels; i++) {
    set(up, i, -1);
    store<f32>(up + ((<usize>i) << 3), k, 4);
  }
}

/**
 * Algorithm 1: in order of weight, joins two regions when the weight is within both limits.
 * starts: u32 [65536], where in `edges` each level begins; batch: 12 · 256 bytes.
 * @returns how many edges were refused; they are written to `refused`, in order
 */
export function joinSimilar(edges: usize, starts: usize, width: i32, up: usize, k: f32, refused: usize, batch: usize): i32 {
  let out = refused;
  for (let level = 0; level < LEVELS; level++) {
    const weight = <f32>level / STEPS;
    const stop = edges + ((<usize>load<u32>(starts + ((<usize>level) << 2), 4)) << 2);
    for (let from = edges + ((<usize>load<u32>(starts + ((<usize>level) << 2))) << 2); from < stop; from += BATCH << 2) {
      const end = filter(from, min(stop, from + (BATCH << 2)), width, up, batch);
      for (let at = batch; at < end; at += 12) {
        const a = find(up, load<i32>(at, 4));
        const b = find(up, load<i32>(at, 8));
        if (a == b) continue;
        if (<i32>(weight <= limitOf(up, a)) & <i32>(weight <= limitOf(up, b))) {
          const root = link(up, a, b);
          store<f32>(up + ((<usize>root) << 3), weight + k / <f32>-get(up, root), 4);
        } else {
          store<u32>(out, load<u32>(at));
          out += 4;
        }
      }
    }
  }
  return <i32>((out - refused) >> 2);
}

/** Joins every region below `minSize` with the neighbour across its lightest edge. */
export function joinSmall(refused: usize, count: i32, width: i32, up: usize, minSize: i32): void {
  for (let at = refused, end = refused + ((<usize>count) << 2); at < end; at += 4) {
    const e = load<u32>(at);
    const a = find(up, <i32>(e >>> 2));
    const b = find(up, farEnd(e, width));
    if (a != b && min(-get(up, a), -get(up, b)) < minSize) link(up, a, b);
  }
}

/** Numbers the regions by their first pixel: labels i32 [pixels], filled with −1 before. @returns how many there are */
export function label(pixels: i32, up: usize, labels: usize): i32 {
  let count = 0;
  for (let p = 0; p < pixels; p++) {
    const at = labels + ((<usize>find(up, p)) << 2);
    if (load<i32>(at) == -1) store<i32>(at, count++);
    store<i32>(labels + ((<usize>p) << 2), load<i32>(at));
  }
  return count;
}
