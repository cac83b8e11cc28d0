import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  getKernel,
  type BatchMatMulAttrs,
  type KernelConfig,
  type KernelFunc,
  type TensorInfo,
} from '@tensorflow/tfjs-core';

interface Args {
  inputs: Record<'a' | 'b', TensorInfo>;
  backend: BackendWasm;
  attrs: BatchMatMulAttrs;
}

type Multiply = (a: TensorInfo, b: TensorInfo) => TensorInfo;

/**
 * The stock kernel multiplies plain matrices at 20–30 GFLOP/s (XNNPACK) but transposed ones, which every dense layer's
 * gradient has two of, at 1–3: so transpose first. One matrix times many it takes one by one; side by side they are one product.
 */
export function batchMatMul(stock: KernelFunc) {
  return ({ inputs, backend, attrs }: Args): TensorInfo => {
    const plain = { transposeA: false, transposeB: false };
    const multiply: Multiply = (a, b) => stock({ inputs: { a, b }, backend, attrs: plain }) as TensorInfo;
    const a = attrs.transposeA ? exchange(inputs.a, backend, 'last') : inputs.a;
    const b = attrs.transposeB ? exchange(inputs.b, backend, 'last') : inputs.b;
    const oneByMany = a.shape.length === 3 && b.shape.length === 3 && a.shape[0] === 1 && b.shape[0]! > 1;
    const out = oneByMany ? multiplyMany(a, b, { backend, multiply }) : multiply(a, b);
    if (attrs.transposeA) backend.disposeData(a.dataId);
    if (attrs.transposeB) backend.disposeData(b.dataId);
    return out;
  };
}

/** `[1, m, k]` × `[N, k, n]` as `[m, k]` × `[k, N · n]`. */
function multiplyMany(
  a: TensorInfo,
  b: TensorInfo,
  { backend, multiply }: { backend: BackendWasm; multiply: Multiply },
): TensorInfo {
  const [count, k, n] = b.shape as [number, number, number];
  const m = a.shape[1]!;
  const sideBySide = exchange(b, backend, 'first');
  const product = multiply(a, { ...sideBySide, shape: [1, k, count * n] });
  const out = exchange({ ...product, shape: [m, count, n] }, backend, 'first');
  backend.disposeData(sideBySide.dataId);
  backend.disposeData(product.dataId);
  return out;
}

/** The first or the last two axes exchanged. */
function exchange(x: TensorInfo, backend: BackendWasm, which: 'first' | 'last'): TensorInfo {
  const at = which === 'first' ? 0 : x.shape.length - 2;
  const perm = x.shape.map((_, axis) => axis);
  [perm[at], perm[at + 1]] = [at + 1, at];
  const transpose = getKernel('Transpose', 'wasm') as KernelConfig;
  return transpose.kernelFunc({ inputs: { x }, backend, attrs: { perm } }) as TensorInfo;
}
