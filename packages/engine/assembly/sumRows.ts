// out[c] = Σ over rows of x[row, c].

/** Rows added up before the sum goes to the total: keeps the rounding error of long columns small. */
const blockRows: i32 = 512;

/** Sums the rows of x [rows, columns] into `out` [columns], which the caller has zeroed. */
export function sumRows(x: usize, out: usize, rows: i32, columns: i32): void {
  const line = (<usize>columns) << 2;
  for (let row0 = 0; row0 < rows; row0 += blockRows) {
    const first = x + <usize>row0 * line;
    const end = x + <usize>min(row0 + blockRows, rows) * line;
    let i = 0;
    for (; i + 16 <= columns; i += 16) {
      const at = (<usize>i) << 2;
      let a = f32x4.splat(0),
        b = a,
        c = a,
        d = a;
      for (let from = first + at; from < end; from += line) {
        a = f32x4.add(a, v128.load(from));
        b = f32x4.add(b, v128.load(from, 16));
        c = f32x4.add(c, v128.load(from, 32));
        d = f32x4.add(d, v128.load(from, 48));
      }
      const to = out + at;
      v128.store(to, f32x4.add(v128.load(to), a));
      v128.store(to, f32x4.add(v128.load(to, 16), b), 16);
      v128.store(to, f32x4.add(v128.load(to, 32), c), 32);
      v128.store(to, f32x4.add(v128.load(to, 48), d), 48);
    }
    for (; i < columns; i++) {
      const at = (<usize>i) << 2;
      let sum: f32 = 0;
      for (let from = first + at; from < end; from += line) sum += load<f32>(from);
      store<f32>(out + at, load<f32>(out + at) + sum);
    }
  }
}
