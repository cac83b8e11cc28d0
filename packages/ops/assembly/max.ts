/** `out` = the maximum of each bin, ignoring NaN; 0 for an empty bin. */
export function max(
  map: usize,
  cellBytes: usize,
  rowStarts: usize,
  rows: usize,
  rowCount: i32,
  columnStarts: usize,
  columns: usize,
  columnCount: i32,
  out: usize,
): void {
  for (let r = 0; r < rowCount; r++, rowStarts += 4) {
    const rowBegin = rows + (load<u32>(rowStarts) << 3);
    const rowEnd = rows + (load<u32>(rowStarts, 4) << 3);
    let starts = columnStarts;
    for (let q = 0; q < columnCount; q++, starts += 4, out += cellBytes) {
      const begin = columns + (load<u32>(starts) << 3);
      const end = columns + (load<u32>(starts, 4) << 3);
      if (rowBegin == rowEnd || begin == end) memory.fill(out, 0, cellBytes);
      else maxBin(map, cellBytes, rowBegin, rowEnd, begin, end, out);
    }
  }
}

function maxBin(
  map: usize,
  cellBytes: usize,
  rowBegin: usize,
  rowEnd: usize,
  begin: usize,
  end: usize,
  out: usize,
): void {
  const none = f32x4.splat(-Infinity);
  let c: usize = 0;
  for (; c + 128 <= cellBytes; c += 128) {
    let m0 = none;
    let m1 = none;
    let m2 = none;
    let m3 = none;
    let m4 = none;
    let m5 = none;
    let m6 = none;
    let m7 = none;
    for (let y = rowBegin; y < rowEnd; y += 8) {
      const row = map + c + load<u32>(y);
      for (let x = begin; x < end; x += 8) {
        const cell = row + load<u32>(x);
        m0 = f32x4.pmax(m0, v128.load(cell));
        m1 = f32x4.pmax(m1, v128.load(cell, 16));
        m2 = f32x4.pmax(m2, v128.load(cell, 32));
        m3 = f32x4.pmax(m3, v128.load(cell, 48));
        m4 = f32x4.pmax(m4, v128.load(cell, 64));
        m5 = f32x4.pmax(m5, v128.load(cell, 80));
        m6 = f32x4.pmax(m6, v128.load(cell, 96));
        m7 = f32x4.pmax(m7, v128.load(cell, 112));
      }
    }
    v128.store(out + c, m0);
    v128.store(out + c, m1, 16);
    v128.store(out + c, m2, 32);
    v128.store(out + c, m3, 48);
    v128.store(out + c, m4, 64);
    v128.store(out + c, m5, 80);
    v128.store(out + c, m6, 96);
    v128.store(out + c, m7, 112);
  }
  for (; c < cellBytes; c += 16) {
    let m = none;
    for (let y = rowBegin; y < rowEnd; y += 8) {
      const row = map + c + load<u32>(y);
      for (let x = begin; x < end; x += 8) m = f32x4.pmax(m, v128.load(row + load<u32>(x)));
    }
    v128.store(out + c, m);
  }
}

/** Adds `dy` of each bin and channel to `dx` at the bin's first maximum in row-major order. */
export function maxGrad(
  map: usize,
  cellBytes: usize,
  rowStarts: usize,
  rows: usize,
  rowCount: i32,
  columnStarts: usize,
  columns: usize,
  columnCount: i32,
  dy: usize,
  dx: usize,
): void {
  for (let r = 0; r < rowCount; r++, rowStarts += 4) {
    const rowBegin = rows + (load<u32>(rowStarts) << 3);
    const rowEnd = rows + (load<u32>(rowStarts, 4) << 3);
    let starts = columnStarts;
    for (let q = 0; q < columnCount; q++, starts += 4, dy += cellBytes) {
      const begin = columns + (load<u32>(starts) << 3);
      const end = columns + (load<u32>(starts, 4) << 3);
      if (rowBegin == rowEnd || begin == end) continue;
      maxBinGrad(map, cellBytes, rowBegin, rowEnd, begin, end, dy, dx);
    }
  }
}

// Cells are visited in ascending order, so the last one that beat the maximum has the highest offset: a masked integer
// maximum keeps it, at two instructions where a select takes three. Offsets count from the bin's first cell.
function maxBinGrad(
  map: usize,
  cellBytes: usize,
  rowBegin: usize,
  rowEnd: usize,
  begin: usize,
  end: usize,
  dy: usize,
  dx: usize,
): void {
  const none = f32x4.splat(-Infinity);
  const zero = i32x4.splat(0);
  const corner = load<u32>(rowBegin) + load<u32>(begin);
  const first = map + corner;
  dx += corner;
  let c: usize = 0;
  for (; c + 64 <= cellBytes; c += 64) {
    let m0 = none;
    let m1 = none;
    let m2 = none;
    let m3 = none;
    let i0 = zero;
    let i1 = zero;
    let i2 = zero;
    let i3 = zero;
    for (let y = rowBegin; y < rowEnd; y += 8) {
      const row = load<u32>(y) - corner;
      for (let x = begin; x < end; x += 8) {
        const offset = row + load<u32>(x);
        const here = i32x4.splat(offset);
        const cell = first + c + offset;
        const v0 = v128.load(cell);
        const v1 = v128.load(cell, 16);
        const v2 = v128.load(cell, 32);
        const v3 = v128.load(cell, 48);
        i0 = i32x4.max_s(i0, v128.and(here, f32x4.gt(v0, m0)));
        i1 = i32x4.max_s(i1, v128.and(here, f32x4.gt(v1, m1)));
        i2 = i32x4.max_s(i2, v128.and(here, f32x4.gt(v2, m2)));
        i3 = i32x4.max_s(i3, v128.and(here, f32x4.gt(v3, m3)));
        m0 = f32x4.pmax(m0, v0);
        m1 = f32x4.pmax(m1, v1);
        m2 = f32x4.pmax(m2, v2);
        m3 = f32x4.pmax(m3, v3);
      }
    }
    scatter(dx + c, i0, dy + c);
    scatter(dx + c + 16, i1, dy + c + 16);
    scatter(dx + c + 32, i2, dy + c + 32);
    scatter(dx + c + 48, i3, dy + c + 48);
  }
  for (; c < cellBytes; c += 16) {
    scatter(dx + c, firstMaximum(first + c, corner, rowBegin, rowEnd, begin, end), dy + c);
  }
}

function firstMaximum(
  first: usize,
  corner: u32,
  rowBegin: usize,
  rowEnd: usize,
  begin: usize,
  end: usize,
): v128 {
  let m = f32x4.splat(-Infinity);
  let i = i32x4.splat(0);
  for (let y = rowBegin; y < rowEnd; y += 8) {
    const row = load<u32>(y) - corner;
    for (let x = begin; x < end; x += 8) {
      const offset = row + load<u32>(x);
      const v = v128.load(first + offset);
      i = i32x4.max_s(i, v128.and(i32x4.splat(offset), f32x4.gt(v, m)));
      m = f32x4.pmax(m, v);
    }
  }
  return i;
}

/** Adds the four values at `dy` to the four channels at `dx`, each at its own cell's offset. */
function scatter(dx: usize, offsets: v128, dy: usize): void {
  add(dx + i32x4.extract_lane(offsets, 0), load<f32>(dy));
  add(dx + 4 + i32x4.extract_lane(offsets, 1), load<f32>(dy, 4));
  add(dx + 8 + i32x4.extract_lane(offsets, 2), load<f32>(dy, 8));
  add(dx + 12 + i32x4.extract_lane(offsets, 3), load<f32>(dy, 12));
}

function add(at: usize, value: f32): void {
  store<f32>(at, load<f32>(at) + value);
}
