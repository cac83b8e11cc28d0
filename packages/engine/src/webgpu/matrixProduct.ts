import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { epilogueInputs, epilogueName } from './epilogue';
import { matrixProductWgsl, storesFours, type MatrixProduct } from './matrixProductWgsl';
import { TILE_STEPS, type Sides } from './productTile';
import { dispatch, type WebgpuBackend } from './program';
import { addedSlices, slicesOf } from './sumSlices';

/** Workgroups that keep a large GPU busy (132 units of an H100), and a few for each. */
const BUSY_WORKGROUPS = 128;
const ENOUGH_WORKGROUPS = 512;
/** The least sum that is worth a workgroup, and the least that is worth splitting, which costs a dispatch more. */
const LEAST_STEPS = 256;
const LONG_SUM = 1024;

/** A tile of 64 × 64 results; narrower and longer where the matrix has few columns or rows, that none be mostly empty. */
function sidesOf(rows: number, columns: number): Sides {
  const [down, across] = [rows, columns].map((size) => (size > 32 ? 16 : size > 16 ? 8 : 4)) as [
    number,
    number,
  ];
  if (down < 16 && across < 16) return { down: 8, across: 8 };
  return { down: across < 16 ? 32 : down, across: down < 16 ? 32 : across };
}

/** Parts of the sum for workgroups of their own, where there are too few tiles to keep the GPU busy. */
function slicesFor(workgroups: number, steps: number): number {
  if (workgroups >= BUSY_WORKGROUPS || steps < LONG_SUM) return 1;
  return slicesOf(steps, { least: LEAST_STEPS, most: Math.ceil(ENOUGH_WORKGROUPS / workgroups) });
}

/**
 * Matrix product over tiles in workgroup memory, its sum split over workgroups where the result is small.
 */
export function matrixProduct(backend: WebgpuBackend, product: MatrixProduct): TensorInfo {
  const { rows, columns, steps, parts = 1, outputShape, a, b, epilogue, halves = false } = product;
  const sides = sidesOf(rows, columns);
  const tiles = [Math.ceil(columns / (4 * sides.across)), Math.ceil(rows / (4 * sides.down))] as const;
  const slices = slicesFor(tiles[0] * tiles[1] * parts, steps);
  const fours = [a, b]
    .filter(({ inFours }) => inFours)
    .flatMap(({ array, gate }) => (gate === undefined ? [array] : [array, gate]));
  const stored = storesFours(product);
  const lanes = [a.inFours, b.inFours, stored].map((is) => (is ? 4 : 1)).join('');
  const end = epilogue === undefined ? {} : epilogueInputs(epilogue);
  const vectors = stored ? [...fours, ...Object.keys(end), 'result'] : fours;
  return addedSlices(backend, { slices, outputShape, epilogue }, (shape) =>
    dispatch(backend, {
      name: `${product.name} ${sides.down}×${sides.across} ${lanes}${epilogue === undefined ? '' : ` ${epilogueName(epilogue)}`}${halves ? ' halves' : ''}`,
      enable: halves ? 'shader-f16' : undefined,
      wgsl: () => matrixProductWgsl(product, sides),
      inputs: { ...product.inputs, ...end },
      vectors,
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
      threads: sides.down * sides.across,
    }),
  );
}
