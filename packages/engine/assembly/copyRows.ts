/** Copies `rows` pieces of `count` floats; successive pieces are `fromStep` and `toStep` floats apart. */
export function copyRows(from: usize, to: usize, rows: i32, count: i32, fromStep: i32, toStep: i32): void {
  for (let row = 0; row < rows; row++) {
    let source = from + ((<usize>row * <usize>fromStep) << 2);
    let target = to + ((<usize>row * <usize>toStep) << 2);
    const end = source + ((<usize>count) << 2);
    for (; source + 16 <= end; source += 16, target += 16) v128.store(target, v128.load(source));
    for (; source < end; source += 4, target += 4) store<f32>(target, load<f32>(source));
  }
}
