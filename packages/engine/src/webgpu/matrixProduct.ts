import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { matrixProductWgsl, SIDE, TILE_STEPS, type MatrixProduct } from './matrixProductWgsl';
import { dispatch, type WebgpuBackend } from './program';
import { addedSlices, slicesOf } from './sumSlices';

/** Workgroups that keep a large GPU busy (132 units of an H100, a few each), and the least sum worth a workgroup. */
const ENOUGH_WORKGROUPS = 512;
const LEAST_STEPS = 128;

/** Results of one thread along a side: 4 × 4 where the matrix has them, fewer where the tile would be mostly empty. */
function perThread(size: number): number {
  return size > 2 * SIDE ? 4 : size > SIDE ? 2 : 1;
}

/**
 * Matrix product over tiles in workgroup memory, its sum split over workgroups where the result is small.
 */
export function matrixProduct(backend: WebgpuBackend, product: MatrixProduct): TensorInfo {
  const { rows, columns, steps, parts = 1, outputShape } = product;
  const [tall, wide] = [perThread(rows), perThread(columns)];
  const tiles = [Math.ceil(columns / (SIDE * wide)), Math.ceil(rows / (SIDE * tall))] as const;
  const wanted = Math.ceil(ENOUGH_WORKGROUPS / (tiles[0] * tiles[1] * parts));
  const slices = slicesOf(steps, { least: LEAST_STEPS, most: wanted });
  return addedSlices(backend, slices, outputShape, (shape) =>
    dispatch(backend, {
      name: `${product.name} ${tall}×${wide}`,
      wgsl: () => matrixProductWgsl(product, tall, wide),
      inputs: product.inputs,
      outputShape: shape,
      ints: {
        ...product.ints,
        rows,
        columns,
        steps,
        sliceSteps: Math.ceil(steps / slices / TILE_STEPS) * TILE_STEPS,
        slices,
        outputSize: util.sizeFromShape(outputShape),
      },
      workgroups: [tiles[0], tiles[1], parts * slices],
      threads: SIDE * SIDE,
    }),
  );
}
