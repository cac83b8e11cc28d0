import { util, type TensorInfo } from '@tensorflow/tfjs-core';
import { dispatchValues, type WebgpuBackend } from './program';

/**
 * What `run` makes, split along its sum: it is asked for `[slices, size]`, which is added over the first axis, in its
 * order, so that equal inputs give equal bits; or for the output itself where there is one slice.
 */
export function addedSlices(
  backend: WebgpuBackend,
  slices: number,
  outputShape: number[],
  run: (shape: number[]) => TensorInfo,
): TensorInfo {
  if (slices === 1) return run(outputShape);
  const size = util.sizeFromShape(outputShape);
  const parts = run([slices, size]);
  const out = dispatchValues(backend, {
    name: 'SumSlices',
    wgsl: () => `
    fn valueAt(index: i32) -> f32 {
      var sum = 0.0;
      for (var slice = 0; slice < uniforms.slices; slice++) { sum += parts[slice * uniforms.count + index]; }
      return sum;
    }`,
    inputs: { parts },
    outputShape,
    ints: { slices },
  });
  backend.disposeData(parts.dataId);
  return out;
}

/** As many slices as their least length allows, of at most `most`. */
export function slicesOf(length: number, { least, most }: { least: number; most: number }): number {
  return Math.max(1, Math.min(most, Math.floor(length / least)));
}
