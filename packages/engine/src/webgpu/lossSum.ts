import type { TensorInfo } from '@tensorflow/tfjs-core';
import { dispatch, type Dispatch, type WebgpuBackend } from './program';
import { SUM_THREADS, workgroupSum } from './workgroupSum';

interface LossSum extends Pick<Dispatch, 'name' | 'inputs' | 'floats'> {
  /** Defines `termAt(index: i32) -> f32`. */
  wgsl: string;
  ints?: Record<string, number>;
  /** How many terms: thousands at most, for one workgroup adds them up. */
  count: number;
  /** WGSL for what is made of the sum. */
  value: string;
}

/** Adds up the terms of a loss in one dispatch, always in the same order: it costs what its dispatches count. */
export function lossSum(backend: WebgpuBackend, { wgsl, value, count, ints, ...what }: LossSum): TensorInfo {
  return dispatch(backend, {
    ...what,
    wgsl: () => `${workgroupSum()}
    ${wgsl}
    fn main(index: i32) {
      var mine = 0.0;
      for (var i = index; i < uniforms.count; i += i32(THREADS)) { mine += termAt(i); }
      let sum = workgroupSum(mine);
      if (localIndex == 0u) { result[0] = ${value}; }
    }`,
    outputShape: [],
    ints: { ...ints, count },
    workgroups: [1, 1, 1],
    threads: SUM_THREADS,
  });
}
