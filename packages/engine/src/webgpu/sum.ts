import { util, type KernelFunc, type SumAttrs, type TensorInfo } from '@tensorflow/tfjs-core';
import { dispatch, type WebgpuBackend } from './program';
import { sumSlices } from './sumSlices';

interface Args {
  inputs: Record<'x', TensorInfo>;
  backend: WebgpuBackend;
  attrs: SumAttrs;
}

/** A workgroup has COLUMNS neighbouring columns, and ROWS threads for each; a slice is worth LEAST_ROWS rows. */
const COLUMNS = 32;
const ROWS = 8;
const LEAST_ROWS = 64;
const MOST_SLICES = 64;

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
  const slices = Math.max(1, Math.min(MOST_SLICES, Math.floor(rows / LEAST_ROWS)));
  const out = dispatch(backend, {
    name: 'SumRows',
    wgsl: () => `
    const COLUMNS = ${COLUMNS};
    const ROWS = ${ROWS};
    var<workgroup> sums: array<f32, ROWS * COLUMNS>;
    fn main(index: i32) {
      let thread = i32(localIndex);
      let column = i32(workgroupId.x) * COLUMNS + thread % COLUMNS;
      let slice = i32(workgroupId.y);
      let end = min(uniforms.rows, (slice + 1) * uniforms.sliceRows);
      var sum = 0.0;
      if (column < uniforms.columns) {
        for (var row = slice * uniforms.sliceRows + thread / COLUMNS; row < end; row += ROWS) {
          sum += x[row * uniforms.columns + column];
        }
      }
      sums[thread] = sum;
      workgroupBarrier();
      if (thread >= COLUMNS || column >= uniforms.columns) { return; }
      for (var row = 1; row < ROWS; row++) { sum += sums[row * COLUMNS + thread]; }
      result[slice * uniforms.columns + column] = sum;
    }`,
    inputs: { x },
    outputShape: slices === 1 ? shape : [slices, columns],
    ints: { rows, columns, sliceRows: Math.ceil(rows / slices) },
    workgroups: [Math.ceil(columns / COLUMNS), slices, 1],
    threads: COLUMNS * ROWS,
  });
  return slices === 1 ? out : sumSlices(backend, out, shape);
}
