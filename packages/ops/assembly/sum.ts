/** `out` = the sum over each bin of row weight × column weight × cell. */
export function sum(
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
      sumBin(map, cellBytes, rowBegin, rowEnd, begin, end, out);
    }
  }
}

function sumBin(
  map: usize,
  cellBytes: usize,
  rowBegin: usize,
  rowEnd: usize,
  begin: usize,
  end: usize,
  out: usize,
): void {
  const zero = f32x4.splat(0);
  let c: usize = 0;
  for (; c + 64 <= cellBytes; c += 64) {
    let s0 = zero;
    let s1 = zero;
    let s2 = zero;
    let s3 = zero;
    for (let y = rowBegin; y < rowEnd; y += 8) {
      const row = map + c + load<u32>(y);
      const rowWeight = load<f32>(y, 4);
      for (let x = begin; x < end; x += 8) {
        const cell = row + load<u32>(x);
        const weight = f32x4.splat(rowWeight * load<f32>(x, 4));
        s0 = f32x4.add(s0, f32x4.mul(weight, v128.load(cell)));
        s1 = f32x4.add(s1, f32x4.mul(weight, v128.load(cell, 16)));
        s2 = f32x4.add(s2, f32x4.mul(weight, v128.load(cell, 32)));
        s3 = f32x4.add(s3, f32x4.mul(weight, v128.load(cell, 48)));
      }
    }
    v128.store(out + c, s0);
    v128.store(out + c, s1, 16);
    v128.store(out + c, s2, 32);
    v128.store(out + c, s3, 48);
  }
  for (; c < cellBytes; c += 16) {
    let s = zero;
    for (let y = rowBegin; y < rowEnd; y += 8) {
      const row = map + c + load<u32>(y);
      const rowWeight = load<f32>(y, 4);
      for (let x = begin; x < end; x += 8) {
        const weight = f32x4.splat(rowWeight * load<f32>(x, 4));
        s = f32x4.add(s, f32x4.mul(weight, v128.load(row + load<u32>(x))));
      }
    }
    v128.store(out + c, s);
  }
}

/** Adds row weight × column weight × `dy` of each bin to every cell of it in `dx`; `map` is not read. */
export function sumGrad(
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
      for (let y = rowBegin; y < rowEnd; y += 8) {
        const row = dx + load<u32>(y);
        for (let x = begin; x < end; x += 8) {
          addCell(row + load<u32>(x), dy, cellBytes, load<f32>(y, 4) * load<f32>(x, 4));
        }
      }
    }
  }
}

function addCell(cell: usize, dy: usize, cellBytes: usize, factor: f32): void {
  const weight = f32x4.splat(factor);
  for (const end = cell + cellBytes; cell < end; cell += 16, dy += 16) {
    v128.store(cell, f32x4.add(v128.load(cell), f32x4.mul(weight, v128.load(dy))));
  }
}
