import type { TensorInfo } from '@tensorflow/tfjs-core';

/**
 * One factor of a product, as WGSL. `row` and `step` take a place apart once, `value` reads what they found: divisions
 * stay out of the inner loop. All four values of a place are the kernel's own; a place outside must read as 0.
 */
export interface Factor {
  /** Which of its two indices runs along memory; the threads that load a tile do so along that one. */
  along: 'row' | 'step';
  /** Body of `fn (at: i32) -> vec4<i32>` for a row of A or a column of B. */
  row: string;
  /** The same for a place along the sum. */
  step: string;
  /** Body of `fn (row: vec4<i32>, step: vec4<i32>) -> f32`. */
  value: string;
}

export interface MatrixProduct {
  name: string;
  a: Factor;
  b: Factor;
  /** Body of `fn (m: i32, n: i32) -> i32`: where a result goes, −1 for nowhere. */
  place: string;
  /** Functions that the others call. */
  helpers?: string;
  inputs: Record<string, TensorInfo>;
  outputShape: number[];
  ints: Record<string, number>;
  /** Sizes of the product. With more than one part, each part has its own and these are the largest. */
  rows: number;
  columns: number;
  steps: number;
  /** B's columns are added up too, behind the product: its first row of tiles has all of B pass by. @default false */
  columnSums?: boolean;
  /** Products side by side that share the output, told apart by the private variable `part`. */
  parts?: number;
  /** WGSL for the length of this part's sum. */
  stepsOfPart?: string;
}

/** A workgroup is 16 × 16 threads, and takes 16 places of the sum at a time. */
export const SIDE = 16;
export const TILE_STEPS = 16;

/** A thread has `tall` × `wide` results, SIDE apart, so that neighbouring threads read and write neighbouring values. */
export function matrixProductWgsl(product: MatrixProduct, tall: number, wide: number): string {
  return `${declarations(product, tall, wide)}${main(product, tall, wide)}`;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

function declarations({ a, b, place, helpers = '' }: MatrixProduct, tall: number, wide: number): string {
  return `
  const SIDE = ${SIDE};
  const TILE_K = ${TILE_STEPS};
  const TILE_M = SIDE * ${tall};
  const TILE_N = SIDE * ${wide};
  var<workgroup> tileA: array<f32, TILE_K * TILE_M>;
  var<workgroup> tileB: array<f32, TILE_K * TILE_N>;
  var<workgroup> range: vec2<i32>;
  var<private> part: i32;
  var<private> end: i32;
  // Unsigned division is the cheaper one.
  fn quotient(a: i32, b: i32) -> i32 { return i32(u32(a) / u32(b)); }
  ${helpers}
  fn rowA(at: i32) -> vec4<i32> { ${a.row} }
  fn stepA(at: i32) -> vec4<i32> { ${a.step} }
  fn valueA(row: vec4<i32>, step: vec4<i32>) -> f32 { ${a.value} }
  fn rowB(at: i32) -> vec4<i32> { ${b.row} }
  fn stepB(at: i32) -> vec4<i32> { ${b.step} }
  fn valueB(row: vec4<i32>, step: vec4<i32>) -> f32 { ${b.value} }
  fn placeOf(m: i32, n: i32) -> i32 { ${place} }
  fn store(m: i32, n: i32, slice: i32, value: f32) {
    if (m >= uniforms.rows || n >= uniforms.columns) { return; }
    let at = placeOf(m, n);
    if (at >= 0) { result[slice * uniforms.outputSize + at] = value; }
  }`;
}

function main(
  { a, b, stepsOfPart = 'uniforms.steps', columnSums = false }: MatrixProduct,
  tall: number,
  wide: number,
): string {
  const [rows, columns] = [upTo(tall), upTo(wide)];
  const vector = wide === 1 ? 'f32' : `vec${wide}<f32>`;
  const entries = columns.map((j) => `tileB[k * TILE_N + column + ${j * SIDE}]`).join(', ');
  return `
  fn main(index: i32) {
    let thread = i32(localIndex);
    let row = thread / SIDE;
    let column = thread % SIDE;
    let m0 = i32(workgroupId.y) * TILE_M;
    let n0 = i32(workgroupId.x) * TILE_N;
    part = i32(workgroupId.z) / uniforms.slices;
    let slice = i32(workgroupId.z) % uniforms.slices;
    if (thread == 0) {
      range = vec2<i32>(slice, slice + 1) * uniforms.sliceSteps;
      range.y = min(range.y, ${stepsOfPart});
    }
    // The compiler wants to see that all threads meet the barriers equally often.
    let steps = workgroupUniformLoad(&range);
    end = steps.y;
    ${hoisted('A', a, tall)}
    ${hoisted('B', b, wide)}
    ${rows.map((i) => `var sum${i} = ${vector}(0.0);`).join('\n    ')}
    ${columnSums ? `var columnSum = ${vector}(0.0);` : ''}
    for (var k0 = steps.x; k0 < steps.y; k0 += TILE_K) {
      ${loads('A', a, tall)}
      ${loads('B', b, wide)}
      workgroupBarrier();
      for (var k = 0; k < TILE_K; k++) {
        let b = ${vector}(${entries});
        ${rows.map((i) => `sum${i} += tileA[k * TILE_M + row + ${i * SIDE}] * b;`).join('\n        ')}
        ${columnSums ? 'if (m0 == 0) { columnSum += b; }' : ''}
      }
      workgroupBarrier();
    }
    ${rows
      .flatMap((i) =>
        columns.map(
          (j) =>
            `store(m0 + row + ${i * SIDE}, n0 + column + ${j * SIDE}, slice, sum${i}${wide === 1 ? '' : `[${j}]`});`,
        ),
      )
      .join('\n    ')}
    ${columnSums ? storeColumnSums(columns) : ''}
  }`;
}

/** By the first row of threads of the first row of tiles; all have the same sums of their columns. */
function storeColumnSums(columns: number[]): string {
  const stores = columns.map((j) => {
    const value = columns.length === 1 ? 'columnSum' : `columnSum[${j}]`;
    return `if (column + ${j * SIDE} < limit) { result[first + column + ${j * SIDE}] = ${value}; }`;
  });
  return `if (m0 == 0 && row == 0) {
      let limit = uniforms.columns - n0;
      let first = slice * uniforms.outputSize + uniforms.rows * uniforms.columns + n0;
      ${stores.join('\n      ')}
    }`;
}

/** What a thread knows of its rows before the loop: one row where it loads along rows, one for each load else. */
function hoisted(name: 'A' | 'B', { along }: Factor, count: number): string {
  const [first, side] = name === 'A' ? ['m0', 'TILE_M'] : ['n0', 'TILE_N'];
  if (along === 'row') return `let row${name}0 = row${name}(${first} + thread % ${side});`;
  return upTo(count)
    .map((i) => `let row${name}${i} = row${name}(${first} + row + ${i * SIDE});`)
    .join(' ');
}

/** A thread's share of a tile. */
function loads(name: 'A' | 'B', { along }: Factor, count: number): string {
  const side = name === 'A' ? 'TILE_M' : 'TILE_N';
  const all = upTo(count);
  if (along === 'row') {
    return all
      .map((i) => {
        const k = `thread / ${side} + ${i} * (SIDE * SIDE / ${side})`;
        return `tile${name}[(${k}) * ${side} + thread % ${side}] = value${name}(row${name}0, step${name}(k0 + ${k}));`;
      })
      .join('\n      ');
  }
  const step = `let step${name}0 = step${name}(k0 + column);`;
  const stores = all.map(
    (i) => `tile${name}[column * ${side} + row + ${i * SIDE}] = value${name}(row${name}${i}, step${name}0);`,
  );
  return [step, ...stores].join('\n      ');
}
