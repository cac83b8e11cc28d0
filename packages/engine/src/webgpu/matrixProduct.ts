import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { matrixProductWgsl, SIDE, TILE_STEPS } from './matrixProductWgsl';
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
    wgsl: () => matrixProductWgsl(product, tall, wide),
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
