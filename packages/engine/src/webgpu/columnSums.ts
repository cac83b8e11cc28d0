/** A workgroup that adds up columns has COLUMNS neighbouring ones, and LINES threads for each. */
export const COLUMNS = 32;
const LINES = 8;
export const COLUMN_THREADS = COLUMNS * LINES;

/** WGSL: which column and line a thread has, and what the lines of a column found in one, for its first line. */
export const COLUMN_SUMS = `
  const COLUMNS = ${COLUMNS};
  const LINES = ${LINES};
  var<workgroup> sums: array<f32, LINES * COLUMNS>;
  fn columnOf() -> i32 { return i32(workgroupId.x) * COLUMNS + i32(localIndex) % COLUMNS; }
  fn lineOf() -> i32 { return i32(localIndex) / COLUMNS; }
  fn sumOfLines(mine: f32) -> f32 {
    let thread = i32(localIndex);
    sums[thread] = mine;
    workgroupBarrier();
    var sum = mine;
    if (thread < COLUMNS) {
      for (var line = 1; line < LINES; line++) { sum += sums[line * COLUMNS + thread]; }
    }
    return sum;
  }`;
