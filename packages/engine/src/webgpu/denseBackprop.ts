import type { TensorInfo } from '@tensorflow/tfjs-core';
import { matrixFactor } from './factors';
import { gateInput, gateName, gateOf } from './gate';
import { matrixProduct } from './matrixProduct';
import { ROW_MAJOR } from './matrixProductWgsl';
import type { CopyingBackend } from './packed';
import { withColumnSums } from './withColumnSums';

interface Args<Names extends string> {
  /** `gate`, of dy's shape: dy counts where it is above 0 only. */
  inputs: Record<Names, TensorInfo> & { gate?: TensorInfo };
  backend: CopyingBackend;
}

/** Gradient of a dense layer by its input: dy `[R, N]` × weights `[K, N]` turned. */
export function denseBackpropInput({
  inputs: { dy, weights, gate },
  backend,
}: Args<'dy' | 'weights'>): TensorInfo {
  const [rows] = dy.shape as [number];
  const [columns, steps] = weights.shape as [number, number];
  const along = { along: 'step', length: steps } as const;
  return matrixProduct(backend, {
    name: `${gateName(gate)}DenseBackpropInput`,
    inputs: { dy, weights, ...gateInput(gate) },
    outputShape: [rows, columns],
    ints: {},
    rows,
    columns,
    steps,
    a: { ...matrixFactor('dy', 'rows', along), ...gateOf(gate) },
    b: matrixFactor('weights', 'columns', along),
    rowStart: ROW_MAJOR,
  });
}

/** … by its weights and its bias: x `[R, K]` turned × dy `[R, N]`, and Σ dy over the rows. */
export function denseBackpropWeights({ inputs: { x, dy, gate }, backend }: Args<'x' | 'dy'>): TensorInfo[] {
  const [steps, rows] = x.shape as [number, number];
  const columns = dy.shape[1]!;
  return withColumnSums(backend, {
    name: `${gateName(gate)}DenseBackpropWeights`,
    inputs: { x, dy, ...gateInput(gate) },
    outputShape: [rows, columns],
    ints: {},
    rows,
    columns,
    steps,
    a: matrixFactor('x', 'rows', { along: 'row', length: rows }),
    b: { ...matrixFactor('dy', 'columns', { along: 'row', length: columns }), ...gateOf(gate) },
    rowStart: ROW_MAJOR,
  });
}
