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

/**
 * The stock kernel multiplies plain matrices at 20–30 GFLOP/s (XNNPACK) but transposed ones, which every dense layer's
 * gradient has two of, at 1–3: so transpose first.
 */
export function batchMatMul(stock: KernelFunc) {
  return ({ inputs, backend, attrs }: Args): TensorInfo => {
    const a = attrs.transposeA ? transposed(inputs.a, backend) : inputs.a;
    const b = attrs.transposeB ? transposed(inputs.b, backend) : inputs.b;
    const plain = { transposeA: false, transposeB: false };
    const out = stock({ inputs: { a, b }, backend, attrs: plain }) as TensorInfo;
    if (attrs.transposeA) backend.disposeData(a.dataId);
    if (attrs.transposeB) backend.disposeData(b.dataId);
    return out;
  };
}

/** The last two axes exchanged. */
function transposed(x: TensorInfo, backend: BackendWasm): TensorInfo {
  const rank = x.shape.length;
  const perm = x.shape.map((_, axis) => axis);
  [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
  const transpose = getKernel('Transpose', 'wasm') as KernelConfig;
  return transpose.kernelFunc({ inputs: { x }, backend, attrs: { perm } }) as TensorInfo;
}
