import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { dispatch, FLAT_THREADS, flatWorkgroups, type WebgpuBackend } from './program';

interface Args {
  inputs: Record<'dy' | 'x', TensorInfo>;
  backend: WebgpuBackend;
  attrs: { limit: number };
}

/** dy where 0 < x ≤ limit. Twin on wasm: kernels/reluGrad.ts. */
export function reluGrad({ inputs: { dy, x }, backend, attrs: { limit } }: Args): TensorInfo {
  const count = util.sizeFromShape(x.shape);
  return dispatch(backend, {
    name: 'ReluGrad',
    wgsl: () => `
    fn main(index: i32) {
      if (index >= uniforms.count) { return; }
      result[index] = select(0.0, dy[index], x[index] > 0.0 && x[index] <= uniforms.limit);
    }`,
    inputs: { dy, x },
    outputShape: x.shape,
    ints: { count },
    // WGSL may do without infinities: the largest float stands for relu's.
    floats: { limit: Math.min(limit, 3.4028234e38) },
    workgroups: flatWorkgroups(count),
    threads: FLAT_THREADS,
  });
}
