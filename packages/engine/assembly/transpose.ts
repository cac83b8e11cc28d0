/** to[column, row] = from[row, column], four by four. */
export function transpose(from: usize, to: usize, rows: i32, columns: i32): void {
  const line = (<usize>columns) << 2;
  const out = (<usize>rows) << 2;
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    const source = from + <usize>row * line;
    const target = to + ((<usize>row) << 2);
    let column = 0;
    for (; column + 4 <= columns; column += 4) {
      block(source + ((<usize>column) << 2), target + <usize>column * out, line, out);
    }
    for (; column < columns; column++) one(from, to, row, row + 4, column, rows, columns);
  }
  for (let column = 0; column < columns; column++) one(from, to, row, rows, column, rows, columns);
}

function block(from: usize, to: usize, line: usize, out: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + line);
  const c = v128.load(from + 2 * line);
  const d = v128.load(from + 3 * line);
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(to + out, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
  v128.store(to + 2 * out, v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5));
  v128.store(to + 3 * out, v128.shuffle<f32>(ab2, cd2, 2, 3, 6, 7));
}

function one(from: usize, to: usize, first: i32, last: i32, column: i32, rows: i32, columns: i32): void {
  for (let row = first; row < last; row++) {
    const value = load<f32>(from + ((<usize>(row * columns + column)) << 2));
    store<f32>(to + ((<usize>(column * rows + row)) << 2), value);
  }
}
