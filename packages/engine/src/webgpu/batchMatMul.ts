import { util, type BatchMatMulAttrs, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import { matrixProduct } from './matrixProduct';
import type { Factor } from './matrixProductWgsl';
import type { WebgpuBackend } from './program';

interface Args {
  inputs: Record<'a' | 'b', TensorInfo>;
  backend: WebgpuBackend;
  attrs: BatchMatMulAttrs;
}

/** A matrix `[rows, steps]` lying as it is, or `[steps, rows]`: A as rows, B as columns. */
const factor = (array: string, rows: string, along: 'row' | 'step'): Factor => ({
  along,
  row: `return vec4<i32>(at ${along === 'row' ? '' : '* uniforms.steps'}, 0, 0, i32(at < uniforms.${rows}));`,
  step: `return vec4<i32>(at ${along === 'row' ? `* uniforms.${rows}` : ''}, 0, 0, i32(at < end));`,
  value: `if (row.w * step.w == 0) { return 0.0; } return ${array}[row.x + step.x];`,
});

/**
 * Products of two matrices of which one is transposed, as the two gradients of a dense layer are; the stock kernel does
 * the others, and stacks of matrices.
 */
export function batchMatMul(stock: KernelFunc) {
  return (args: Args): TensorInfo => {
    const { inputs, backend, attrs } = args;
    const { transposeA, transposeB } = attrs;
    const { a, b } = inputs;
    const isStack = util.sizeFromShape([...a.shape.slice(0, -2), ...b.shape.slice(0, -2)]) !== 1;
    const isPlain = !transposeA && !transposeB;
    if (isStack || isPlain || a.dtype !== 'float32' || b.dtype !== 'float32') {
      return stock(args as never) as TensorInfo;
    }
    const [m, k] = lastTwo(a, transposeA);
    const [innerB, n] = lastTwo(b, transposeB);
    if (k !== innerB) throw new Error(`matMul: inner sizes must be equal, got ${k} and ${innerB}`);
    return matrixProduct(backend, {
      name: `BatchMatMul ${transposeA ? 'T' : 'N'}${transposeB ? 'T' : 'N'}`,
      inputs: { a, b },
      outputShape: [...longer(a.shape, b.shape).slice(0, -2), m, n],
      ints: {},
      rows: m,
      columns: n,
      steps: k,
      a: factor('a', 'rows', transposeA ? 'row' : 'step'),
      b: factor('b', 'columns', transposeB ? 'step' : 'row'),
      place: 'return m * uniforms.columns + n;',
    });
  };
}

const longer = (a: number[], b: number[]): number[] => (a.length >= b.length ? a : b);

function lastTwo({ shape }: TensorInfo, transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return transposed ? [columns, rows] : [rows, columns];
}
