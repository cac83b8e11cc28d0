import { util, type KernelFunc, type SumAttrs, type TensorInfo } from '@tensorflow/tfjs-core';
import { COLUMN_SUMS, COLUMN_THREADS, COLUMNS } from './columnSums';
import { dispatch, type WebgpuBackend } from './program';
import { addedSlices, slicesOf } from './sumSlices';

interface Args {
  inputs: Record<'x', TensorInfo>;
  backend: WebgpuBackend;
  attrs: SumAttrs;
}

/** Rows worth a slice, and the most of them. */
const SLICES = { least: 64, most: 64 };

/**
 * Sums over the leading axes, as the gradient of every bias is; the stock kernel transposes the tensor for them. Over all
 * axes but none left it is the stock kernel's. Twin on wasm: kernels/sum.ts.
 */
export function sum(stock: KernelFunc) {
  return (args: Args): TensorInfo => {
    const { inputs, backend, attrs } = args;
    const { x } = inputs;
    const axes = util.parseAxisParam(attrs.axis, x.shape);
    const leading = axes.length < x.shape.length && axes.every((axis) => axis < axes.length);
    const columns = util.sizeFromShape(x.shape.slice(axes.length));
    const rows = util.sizeFromShape(x.shape.slice(0, axes.length));
    if (!leading || axes.length === 0 || x.dtype !== 'float32' || rows * columns === 0) {
      return stock(args as never) as TensorInfo;
    }
    const rest = x.shape.slice(axes.length);
    return sumRows(backend, x, {
      rows,
      columns,
      shape: attrs.keepDims ? [...axes.map(() => 1), ...rest] : rest,
    });
  };
}

function sumRows(
  backend: WebgpuBackend,
  x: TensorInfo,
  { rows, columns, shape }: { rows: number; columns: number; shape: number[] },
): TensorInfo {
  const slices = slicesOf(rows, SLICES);
  return addedSlices(backend, { slices, outputShape: shape }, (outputShape) =>
    dispatch(backend, {
      name: 'SumRows',
      wgsl: () => WGSL,
      inputs: { x },
      outputShape,
      ints: { rows, columns, sliceRows: Math.ceil(rows / slices) },
      workgroups: [Math.ceil(columns / COLUMNS), slices, 1],
      threads: COLUMN_THREADS,
    }),
  );
}

const WGSL = `${COLUMN_SUMS}
  fn main(index: i32) {
    let column = columnOf();
    let slice = i32(workgroupId.y);
    let end = min(uniforms.rows, (slice + 1) * uniforms.sliceRows);
    var mine = 0.0;
    if (column < uniforms.columns) {
      for (var row = slice * uniforms.sliceRows + lineOf(); row < end; row += LINES) {
        mine += x[row * uniforms.columns + column];
      }
    }
    let sum = sumOfLines(mine);
    if (lineOf() == 0 && column < uniforms.columns) { result[slice * uniforms.columns + column] = sum; }
  }`;
