/** to[column, row] = from[row, column]. */
export function transpose(from: usize, to: usize, rows: i32, columns: i32): void {
  const line = (<usize>columns) << 2;
  for (let column = 0; column < columns; column++) {
    let source = from + ((<usize>column) << 2);
    for (let row = 0; row < rows; row++, source += line, to += 4) store<f32>(to, load<f32>(source));
  }
}
