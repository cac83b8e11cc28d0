import type { TensorInfo } from '@tensorflow/tfjs-core';
import { epilogueWgsl, type Epilogue } from './epilogue';

/**
 * One factor of a product, as WGSL. `row` and `step` take a place apart once, `index` finds where its value lies:
 * divisions stay out of the inner loop. All four values of a place are the kernel's own.
 */
export interface Factor {
  /** The input that holds its values. */
  array: string;
  /** Which of its two indices runs along memory; the threads that load a tile do so along that one. */
  along: 'row' | 'step';
  /** Whether its values lie in fours along memory, each four with one place: they are loaded as one then. */
  inFours: boolean;
  /** Body of `fn (at: i32) -> vec4<i32>` for a row of A or a column of B. */
  row: string;
  /** The same for a place along the sum. */
  step: string;
  /** Body of `fn (row: vec4<i32>, step: vec4<i32>) -> i32`; −1 outside, which reads as 0. */
  index: string;
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
  /** Of a row-major product of one part. @default none */
  epilogue?: Epilogue;
  /** Products side by side that share the output, told apart by the private variable `part`. */
  parts?: number;
  /** WGSL for the length of this part's sum. */
  stepsOfPart?: string;
}

/** Threads of a workgroup, down and across; each has 4 × 4 results. */
export interface Sides {
  down: number;
  across: number;
}

/** Places of the sum that a workgroup takes at a time. */
export const TILE_STEPS = 16;

const FOUR = [0, 1, 2, 3];
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Whether a thread's four columns lie side by side in the output, in fours. */
export const storesFours = ({ b, columns, place }: MatrixProduct): boolean =>
  b.along === 'row' && columns % 4 === 0 && place === ROW_MAJOR;

/** Results as a matrix lies. */
export const ROW_MAJOR = 'return m * uniforms.columns + n;';

export function matrixProductWgsl(product: MatrixProduct, sides: Sides): string {
  const a = new Tile('A', product.a, sides);
  const b = new Tile('B', product.b, sides);
  return `
  const DOWN = ${sides.down};
  const ACROSS = ${sides.across};
  const THREADS = DOWN * ACROSS;
  const TILE_K = ${TILE_STEPS};
  var<workgroup> range: vec2<i32>;
  var<private> part: i32;
  var<private> end: i32;
  // Unsigned division is the cheaper one.
  fn quotient(a: i32, b: i32) -> i32 { return i32(u32(a) / u32(b)); }
  ${product.helpers ?? ''}
  ${a.declarations()}
  ${b.declarations()}
  fn placeOf(m: i32, n: i32) -> i32 { ${product.place} }
  ${store(product)}
  ${main(product, a, b)}`;
}

function store(product: MatrixProduct): string {
  const [type, size] = storesFours(product)
    ? ['vec4<f32>', 'uniforms.outputSize / 4']
    : ['f32', 'uniforms.outputSize'];
  const at = storesFours(product) ? 'at / 4' : 'at';
  // What is split gets its epilogue as the slices are added.
  const done = product.epilogue === undefined ? 'value' : 'done';
  return `
  ${product.epilogue === undefined ? '' : epilogueWgsl(product.epilogue, storesFours(product) ? 4 : 1)}
  fn store(m: i32, n: i32, slice: i32, value: ${type}) {
    if (m >= uniforms.rows || n >= uniforms.columns) { return; }
    let at = placeOf(m, n);
    ${done === 'value' ? '' : 'var done = value; if (uniforms.slices == 1) { done = epilogue(value, n); }'}
    if (at >= 0) { result[slice * ${size} + ${at}] = ${done}; }
  }`;
}

function main(product: MatrixProduct, a: Tile, b: Tile): string {
  const { stepsOfPart = 'uniforms.steps', columnSums = false } = product;
  return `
  fn main(index: i32) {
    let thread = i32(localIndex);
    let row = thread / ACROSS;
    let column = thread % ACROSS;
    let m0 = i32(workgroupId.y) * 4 * DOWN;
    let n0 = i32(workgroupId.x) * 4 * ACROSS;
    part = i32(workgroupId.z) / uniforms.slices;
    let slice = i32(workgroupId.z) % uniforms.slices;
    if (thread == 0) {
      range = vec2<i32>(slice, slice + 1) * uniforms.sliceSteps;
      range.y = min(range.y, ${stepsOfPart});
    }
    // The compiler wants to see that all threads meet the barriers equally often.
    let steps = workgroupUniformLoad(&range);
    end = steps.y;
    ${a.rows()}
    ${b.rows()}
    ${FOUR.map((i) => `var sum${i} = vec4<f32>();`).join(' ')}
    ${columnSums ? 'var columnSum = vec4<f32>();' : ''}
    ${a.next('var ', 'steps.x')}
    ${b.next('var ', 'steps.x')}
    for (var k0 = steps.x; k0 < steps.y; k0 += TILE_K) {
      ${a.keep()}
      ${b.keep()}
      workgroupBarrier();
      // On their way while these are multiplied.
      ${a.next('', 'k0 + TILE_K')}
      ${b.next('', 'k0 + TILE_K')}
      for (var k = 0; k < TILE_K; k += 4) {
        ${a.read()}
        ${b.read()}
        ${FOUR.map((step) => products(a, b, step, columnSums)).join('\n        ')}
      }
      workgroupBarrier();
    }
    ${stores(product, a, b)}
    ${columnSums ? storeColumnSums(product, b) : ''}
  }`;
}

/** One place of the sum: a column of A's tile by a row of B's. */
function products(a: Tile, b: Tile, step: number, columnSums: boolean): string {
  const sums = FOUR.map((i) => `sum${i} += ${a.entry(step, i)} * b;`).join(' ');
  return `{ let b = ${b.vector(step)}; ${sums} ${columnSums ? 'if (m0 == 0) { columnSum += b; }' : ''} }`;
}

function stores(product: MatrixProduct, a: Tile, b: Tile): string {
  return FOUR.flatMap((i) => {
    const m = `m0 + ${a.place('row', i)}`;
    if (storesFours(product)) return [`store(${m}, n0 + ${b.place('column', 0)}, slice, sum${i});`];
    return FOUR.map((j) => `store(${m}, n0 + ${b.place('column', j)}, slice, sum${i}[${j}]);`);
  }).join('\n    ');
}

/** By the first row of threads of the first row of tiles; all have the same sums of their columns. */
function storeColumnSums(product: MatrixProduct, b: Tile): string {
  const at = `slice * uniforms.outputSize + uniforms.rows * uniforms.columns + n0`;
  const values = storesFours(product)
    ? `if (n0 + 4 * column < uniforms.columns) { result[(${at}) / 4 + column] = columnSum; }`
    : FOUR.map((j) => b.place('column', j))
        .map((n, j) => `if (n0 + ${n} < uniforms.columns) { result[${at} + ${n}] = columnSum[${j}]; }`)
        .join('\n      ');
  return `if (m0 == 0 && row == 0) {
      ${values}
    }`;
}

/**
 * A factor's tile in workgroup memory, as it lies in the factor: in fours along memory, so that a thread reads four values
 * at once. Along rows a thread has four neighbouring rows; along the sum its rows are a side apart, and each row has one
 * four too many, so that neighbouring rows lie in different banks.
 */
class Tile {
  readonly #name: 'A' | 'B';
  readonly #factor: Factor;
  /** Threads along the tile's rows. */
  readonly #side: string;
  /** Fours that a thread loads, and whether all threads do. */
  readonly #loads: number;
  readonly #guard: string;

  constructor(name: 'A' | 'B', factor: Factor, { down, across }: Sides) {
    this.#name = name;
    this.#factor = factor;
    this.#side = name === 'A' ? 'DOWN' : 'ACROSS';
    const perThread = TILE_STEPS / (name === 'A' ? across : down);
    this.#loads = Math.max(1, perThread);
    this.#guard = perThread < 1 ? `if (thread < TILE_K * ${this.#side}) ` : '';
  }

  declarations(): string {
    const { array, along, inFours, row, step, index } = this.#factor;
    const name = this.#name;
    const [type, value] = inFours ? ['vec4<f32>', `${array}[at / 4]`] : ['f32', `${array}[at]`];
    return `
  var<workgroup> tile${name}: array<vec4<f32>, ${along === 'row' ? 'TILE_K' : '4 * (TILE_K / 4 + 1)'} * ${this.#side}>;
  fn row${name}(at: i32) -> vec4<i32> { ${row} }
  fn step${name}(at: i32) -> vec4<i32> { ${step} }
  fn index${name}(row: vec4<i32>, step: vec4<i32>) -> i32 { ${index} }
  fn value${name}(row: vec4<i32>, step: vec4<i32>) -> ${type} {
    let at = index${name}(row, step);
    if (at < 0) { return ${type}(); }
    return ${value};
  }`;
  }

  /** What a thread knows of the rows it loads. */
  rows(): string {
    const { along, inFours } = this.#factor;
    const first = this.#name === 'A' ? 'm0' : 'n0';
    const places =
      along === 'row'
        ? (inFours ? [0] : FOUR).map((i) => `4 * (thread % ${this.#side}) + ${i}`)
        : upTo(this.#loads).map((i) => `thread / 4 + ${i} * (THREADS / 4)`);
    return places.map((at, i) => `let row${this.#name}${i} = row${this.#name}(${first} + ${at});`).join(' ');
  }

  /** Loads a thread's share of the tile at `k0` into variables. */
  next(declare: string, k0: string): string {
    const name = this.#name;
    const share = (i: number) => `next${name}${i} = ${this.#share(i, k0)};`;
    const all = upTo(this.#loads);
    if (this.#guard === '') return all.map((i) => declare + share(i)).join(' ');
    return `${declare === '' ? '' : `var next${name}0 = vec4<f32>(); `}${this.#guard}{ ${share(0)} }`;
  }

  #share(i: number, k0: string): string {
    const { along, inFours } = this.#factor;
    const name = this.#name;
    const value = (row: number, at: string) => `value${name}(row${name}${row}, step${name}(${at}))`;
    const place = (lane: number): [number, string] =>
      along === 'row'
        ? [lane, `${k0} + thread / ${this.#side} + ${i} * (THREADS / ${this.#side})`]
        : [i, `${k0} + 4 * (thread % 4) + ${lane}`];
    return inFours
      ? value(...place(0))
      : `vec4<f32>(${FOUR.map((lane) => value(...place(lane))).join(', ')})`;
  }

  /** Puts that share into workgroup memory. */
  keep(): string {
    const at = (i: number) =>
      this.#factor.along === 'row'
        ? `thread + ${i} * THREADS`
        : `(thread / 4 + ${i} * (THREADS / 4)) * (TILE_K / 4 + 1) + thread % 4`;
    return upTo(this.#loads)
      .map((i) => `${this.#guard}{ tile${this.#name}[${at(i)}] = next${this.#name}${i}; }`)
      .join(' ');
  }

  /** A thread's values for four places of the sum, `k` and on. */
  read(): string {
    const name = this.#name.toLowerCase();
    const thread = this.#name === 'A' ? 'row' : 'column';
    const at = (i: number) =>
      this.#factor.along === 'row'
        ? `(k + ${i}) * ${this.#side} + ${thread}`
        : `(${this.place(thread, i)}) * (TILE_K / 4 + 1) + k / 4`;
    return FOUR.map((i) => `let ${name}${i} = tile${this.#name}[${at(i)}];`).join(' ');
  }

  /** One of them: of place `step`, in the thread's row `i`. */
  entry(step: number, i: number): string {
    const name = this.#name.toLowerCase();
    return this.#factor.along === 'row' ? `${name}${step}[${i}]` : `${name}${i}[${step}]`;
  }

  vector(step: number): string {
    const name = this.#name.toLowerCase();
    if (this.#factor.along === 'row') return `${name}${step}`;
    return `vec4<f32>(${FOUR.map((i) => this.entry(step, i)).join(', ')})`;
  }

  /** Where in the tile a thread's row `i` is. */
  place(thread: 'row' | 'column', i: number): string {
    return this.#factor.along === 'row' ? `4 * ${thread} + ${i}` : `${thread} + ${i} * ${this.#side}`;
  }
}
