import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { dispatch, FLAT_THREADS, flatWorkgroups, type WebgpuBackend } from './program';

/** `[slices, size]` added over the first axis, in its order; takes the slices' memory back. */
export function sumSlices(backend: WebgpuBackend, parts: TensorInfo, outputShape: number[]): TensorInfo {
  const size = util.sizeFromShape(outputShape);
  const out = dispatch(backend, {
    name: 'SumSlices',
    wgsl: () => `
    fn main(index: i32) {
      if (index >= uniforms.count) { return; }
      var sum = 0.0;
      for (var slice = 0; slice < uniforms.slices; slice++) { sum += parts[slice * uniforms.count + index]; }
      result[index] = sum;
    }`,
    inputs: { parts },
    outputShape,
    ints: { count: size, slices: parts.shape[0]! },
    workgroups: flatWorkgroups(size),
    threads: FLAT_THREADS,
  });
  backend.disposeData(parts.dataId);
  return out;
}
