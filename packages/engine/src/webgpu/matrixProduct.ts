import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { dispatch, type WebgpuBackend } from './program';
import { sumSlices } from './sumSlices';

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
  /** Products side by side that share the output, told apart by the private variable `part`. */
  parts?: number;
  /** WGSL for the length of this part's sum. */
  stepsOfPart?: string;
}

/** A workgroup is 16 × 16 threads, and takes 16 places of the sum at a time. */
const SIDE = 16;
const TILE_STEPS = 16;

/** Workgroups that keep a large GPU busy (132 units of an H100, a few each), and the least sum worth a workgroup. */
const ENOUGH_WORKGROUPS = 512;
const LEAST_STEPS = 128;

/** Results of one thread along a side: 4 × 4 where the matrix has them, fewer where the tile would be mostly empty. */
function perThread(size: number): number {
  return size > 2 * SIDE ? 4 : size > SIDE ? 2 : 1;
}

/**
 * Matrix product over tiles in workgroup memory, its sum split over workgroups where the result is small. Slices are
 * added in their order, so that equal inputs give equal bits.
 */
export function matrixProduct(backend: WebgpuBackend, product: MatrixProduct): TensorInfo {
  const { rows, columns, steps, parts = 1, outputShape } = product;
  const [tall, wide] = [perThread(rows), perThread(columns)];
  const tiles = [Math.ceil(columns / (SIDE * wide)), Math.ceil(rows / (SIDE * tall))] as const;
  const wanted = Math.ceil(ENOUGH_WORKGROUPS / (tiles[0] * tiles[1] * parts));
  const slices = Math.max(1, Math.min(wanted, Math.floor(steps / LEAST_STEPS)));
  const size = util.sizeFromShape(outputShape);
  const out = dispatch(backend, {
    name: `${product.name} ${tall}×${wide}`,
    wgsl: () => wgslOf(product, tall, wide),
    inputs: product.inputs,
    outputShape: slices === 1 ? outputShape : [slices, size],
    ints: {
      ...product.ints,
      rows,
      columns,
      steps,
      sliceSteps: Math.ceil(steps / slices / TILE_STEPS) * TILE_STEPS,
      slices,
      outputSize: size,
    },
    workgroups: [tiles[0], tiles[1], parts * slices],
    threads: SIDE * SIDE,
  });
  return slices === 1 ? out : sumSlices(backend, out, outputShape);
}

function wgslOf(
  { a, b, place, helpers = '', stepsOfPart = 'uniforms.steps' }: MatrixProduct,
  tall: number,
  wide: number,
) {
  const rows = Array.from({ length: tall }, (_, i) => i);
  const columns = Array.from({ length: wide }, (_, j) => j);
  const vector = wide === 1 ? 'f32' : `vec${wide}<f32>`;
  const entries = columns.map((j) => `tileB[k * TILE_N + column + ${j * SIDE}]`).join(', ');
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
  fn remainder(a: i32, b: i32) -> i32 { return i32(u32(a) % u32(b)); }
  ${helpers}
  fn rowA(at: i32) -> vec4<i32> { ${a.row} }
  fn stepA(at: i32) -> vec4<i32> { ${a.step} }
  fn valueA(row: vec4<i32>, step: vec4<i32>) -> f32 { ${a.value} }
  fn rowB(at: i32) -> vec4<i32> { ${b.row} }
  fn stepB(at: i32) -> vec4<i32> { ${b.step} }
  fn valueB(row: vec4<i32>, step: vec4<i32>) -> f32 { ${b.value} }
  fn placeOf(m: i32, n: i32) -> i32 { ${place} }

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
    for (var k0 = steps.x; k0 < steps.y; k0 += TILE_K) {
      ${loads('A', a, tall)}
      ${loads('B', b, wide)}
      workgroupBarrier();
      for (var k = 0; k < TILE_K; k++) {
        let b = ${vector}(${entries});
        ${rows.map((i) => `sum${i} += tileA[k * TILE_M + row + ${i * SIDE}] * b;`).join('\n        ')}
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
  }
  fn store(m: i32, n: i32, slice: i32, value: f32) {
    if (m >= uniforms.rows || n >= uniforms.columns) { return; }
    let at = placeOf(m, n);
    if (at >= 0) { result[slice * uniforms.outputSize + at] = value; }
  }`;
}

/** What a thread knows of its rows before the loop: one row where it loads along rows, one for each load else. */
function hoisted(name: 'A' | 'B', { along }: Factor, count: number): string {
  const [first, side] = name === 'A' ? ['m0', 'TILE_M'] : ['n0', 'TILE_N'];
  if (along === 'row') return `let row${name}0 = row${name}(${first} + thread % ${side});`;
  return Array.from(
    { length: count },
    (_, i) => `let row${name}${i} = row${name}(${first} + row + ${i * SIDE});`,
  ).join(' ');
}

/** A thread's share of a tile. */
function loads(name: 'A' | 'B', { along }: Factor, count: number): string {
  const side = name === 'A' ? 'TILE_M' : 'TILE_N';
  const all = Array.from({ length: count }, (_, i) => i);
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
