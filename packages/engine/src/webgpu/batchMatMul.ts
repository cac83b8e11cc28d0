import { util, type BatchMatMulAttrs, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import { isEpilogue, type Epilogue } from './epilogue';
import { matrixFactor } from './factors';
import { inHalves } from './halves';
import { matrixProduct } from './matrixProduct';
import { ROW_MAJOR } from './matrixProductWgsl';
import type { WebgpuBackend } from './program';

interface Args {
  inputs: Record<'a' | 'b', TensorInfo>;
  backend: WebgpuBackend;
  attrs: BatchMatMulAttrs;
}

/**
 * Products of two matrices, as a dense layer and its two gradients are; the stock kernel does stacks of matrices.
 */
export function batchMatMul(stock: KernelFunc) {
  return (args: Args): TensorInfo => product(args) ?? (stock(args as never) as TensorInfo);
}

interface FusedArgs extends Args {
  inputs: Args['inputs'] & { bias?: TensorInfo };
  attrs: BatchMatMulAttrs & { activation?: string };
}

/** … with a bias and an activation, where they are of those that an epilogue knows. */
export function fusedMatMul(stock: KernelFunc) {
  return (args: FusedArgs): TensorInfo => {
    const { inputs, attrs } = args;
    const epilogue = { bias: inputs.bias, activation: attrs.activation ?? 'linear' };
    const own = isEpilogue(lastTwo(inputs.b, attrs.transposeB)[1], epilogue)
      ? product(args, epilogue)
      : undefined;
    return own ?? (stock(args as never) as TensorInfo);
  };
}

function product({ inputs: { a, b }, backend, attrs }: Args, epilogue?: Epilogue): TensorInfo | undefined {
  const { transposeA, transposeB } = attrs;
  const isStack = util.sizeFromShape([...a.shape.slice(0, -2), ...b.shape.slice(0, -2)]) !== 1;
  if (isStack || a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
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
    a: matrixFactor('a', 'rows', transposeA ? { along: 'row', length: m } : { along: 'step', length: k }),
    b: matrixFactor('b', 'columns', transposeB ? { along: 'step', length: k } : { along: 'row', length: n }),
    rowStart: ROW_MAJOR,
    ...(epilogue === undefined ? {} : { epilogue, halves: inHalves(backend) }),
  });
}

const longer = (a: number[], b: number[]): number[] => (a.length >= b.length ? a : b);

function lastTwo({ shape }: TensorInfo, transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return transposed ? [columns, rows] : [rows, columns];
}
