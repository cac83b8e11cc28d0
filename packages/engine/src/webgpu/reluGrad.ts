import type { TensorInfo } from '@tensorflow/tfjs-core';
import { dispatchValues, type WebgpuBackend } from './program';

interface Args {
  inputs: Record<'dy' | 'x', TensorInfo>;
  backend: WebgpuBackend;
  attrs: { limit: number };
}

/** dy where 0 < x ≤ limit. Twin on wasm: kernels/reluGrad.ts. */
export function reluGrad({ inputs: { dy, x }, backend, attrs: { limit } }: Args): TensorInfo {
  return dispatchValues(backend, {
    name: 'ReluGrad',
    wgsl: () => `
    fn valueAt(index: i32) -> f32 {
      return select(0.0, dy[index], x[index] > 0.0 && x[index] <= uniforms.limit);
    }`,
    inputs: { dy, x },
    outputShape: x.shape,
    // WGSL may do without infinities: the largest float stands for relu's.
    floats: { limit: Math.min(limit, 3.4028234e38) },
  });
}
