import type { TensorInfo } from '@tensorflow/tfjs-core';
import { epilogueWgsl, type Epilogue } from './epilogue';
import { FOUR, ProductTile, TILE_STEPS, type Factor, type Sides } from './productTile';

export interface MatrixProduct {
  name: string;
  a: Factor;
  b: Factor;
  /** Body of `fn (m: i32) -> i32`: where a row of results begins, −1 for nowhere. */
  rowStart: string;
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
  /**
   * Factors as halves, multiplied and added up over a tile's places of the sum in half precision, tiles in float32. Needs
   * `shader-f16`. @default false
   */
  halves?: boolean;
  /** Products side by side that share the output, told apart by the private variable `part`. */
  parts?: number;
  /** WGSL for the length of this part's sum. */
  stepsOfPart?: string;
}

/** Whether the output is written in fours, a thread's columns of a row. */
export const storesFours = ({ columns, rowStart }: MatrixProduct): boolean =>
  columns % 4 === 0 && rowStart === ROW_MAJOR;

/** Results as a matrix lies. */
export const ROW_MAJOR = 'return m * uniforms.columns;';

export function matrixProductWgsl(product: MatrixProduct, sides: Sides): string {
  const a = new ProductTile('A', product.a, sides);
  const b = new ProductTile('B', product.b, sides);
  return `
  alias Held = vec4<${product.halves ? 'f16' : 'f32'}>;
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
  fn rowStart(m: i32) -> i32 { ${product.rowStart} }
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
  fn store(start: i32, n: i32, slice: i32, value: ${type}) {
    if (start < 0 || n >= uniforms.columns) { return; }
    let at = start + n;
    ${done === 'value' ? '' : 'var done = value; if (uniforms.slices == 1) { done = epilogue(value, at, n); }'}
    result[slice * ${size} + ${at}] = ${done};
  }`;
}

function main(product: MatrixProduct, a: ProductTile, b: ProductTile): string {
  const { stepsOfPart = 'uniforms.steps', columnSums = false, halves = false } = product;
  const each = (code: (i: number) => string) => FOUR.map(code).join(' ');
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
    ${each((i) => `var sum${i} = vec4<f32>();`)}
    ${columnSums ? 'var columnSum = vec4<f32>();' : ''}
    // A tile is on its way while the one before is multiplied.
    for (var k0 = steps.x; ; k0 += TILE_K) {
      if (k0 < steps.y) {
        ${a.load()}
        ${b.load()}
      }
      if (k0 > steps.x) {
        ${halves ? each((i) => `var part${i} = Held();`) : ''}
        for (var k = 0; k < TILE_K; k += 4) {
          ${a.read()}
          ${b.read()}
          ${FOUR.map((step) => products(a, b, step, product)).join('\n          ')}
        }
        ${halves ? each((i) => `sum${i} += vec4<f32>(part${i});`) : ''}
      }
      if (k0 >= steps.y) { break; }
      workgroupBarrier();
      ${a.keep()}
      ${b.keep()}
      workgroupBarrier();
    }
    ${stores(product)}
    ${columnSums ? storeColumnSums(product) : ''}
  }`;
}

/** One place of the sum: a column of A's tile by a row of B's. */
function products(
  a: ProductTile,
  b: ProductTile,
  step: number,
  { columnSums, halves }: MatrixProduct,
): string {
  const sums = FOUR.map((i) => `${halves ? 'part' : 'sum'}${i} += ${a.entry(step, i)} * b;`).join(' ');
  return `{ let b = ${b.vector(step)}; ${sums} ${columnSums ? 'if (m0 == 0) { columnSum += b; }' : ''} }`;
}

function stores(product: MatrixProduct): string {
  return FOUR.flatMap((i) => {
    const m = `m0 + 4 * row + ${i}`;
    const start = `let start${i} = select(-1, rowStart(${m}), ${m} < uniforms.rows);`;
    const store = (column: number, value: string) =>
      `store(start${i}, n0 + 4 * column + ${column}, slice, ${value});`;
    if (storesFours(product)) return [start, store(0, `sum${i}`)];
    return [start, ...FOUR.map((j) => store(j, `sum${i}[${j}]`))];
  }).join('\n    ');
}

/** By the first row of threads of the first row of tiles; all have the same sums of their columns. */
function storeColumnSums(product: MatrixProduct): string {
  const at = `slice * uniforms.outputSize + uniforms.rows * uniforms.columns + n0`;
  const values = storesFours(product)
    ? `if (n0 + 4 * column < uniforms.columns) { result[(${at}) / 4 + column] = columnSum; }`
    : FOUR.map((j) => `4 * column + ${j}`)
        .map((n, j) => `if (n0 + ${n} < uniforms.columns) { result[${at} + ${n}] = columnSum[${j}]; }`)
        .join('\n      ');
  return `if (m0 == 0 && row == 0) {
      ${values}
    }`;
}
