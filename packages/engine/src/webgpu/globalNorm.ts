import { type TensorInfo } from '@tensorflow/tfjs-core';
import { pack, packingOf, type CopyingBackend } from './packed';
import { dispatch } from './program';
import { SUM_THREADS as THREADS, workgroupSum } from './workgroupSum';

interface Args {
  inputs: Record<string, TensorInfo>;
  backend: CopyingBackend;
}

const MOST_WORKGROUPS = 256;

/** L2 norm over all inputs as one vector, a scalar that stays on the GPU: clipping need not read it. Two dispatches. */
export function globalNorm({ inputs, backend }: Args): TensorInfo {
  const tensors = Object.values(inputs);
  const packing = packingOf(tensors);
  const values = pack(backend, tensors, packing);
  const enable = backend.device.features.has('subgroups') ? 'subgroups' : undefined;
  const groups = Math.max(1, Math.min(MOST_WORKGROUPS, Math.ceil(packing.total / THREADS)));
  const squares = dispatch(backend, {
    name: `GlobalNorm squares ${enable ?? 'plain'}`,
    enable,
    wgsl: () => `${workgroupSum(enable)}
    fn main(index: i32) {
      var mine = 0.0;
      for (var i = index; i < uniforms.count; i += uniforms.threads) { mine += values[i] * values[i]; }
      let sum = workgroupSum(mine);
      if (localIndex == 0u) { result[workgroupId.x] = sum; }
    }`,
    inputs: { values },
    outputShape: [groups],
    ints: { count: packing.total, threads: groups * THREADS },
    workgroups: [groups, 1, 1],
    threads: THREADS,
  });
  const norm = dispatch(backend, {
    name: `GlobalNorm root ${enable ?? 'plain'}`,
    enable,
    wgsl: () => `${workgroupSum(enable)}
    fn main(index: i32) {
      var mine = 0.0;
      if (index < uniforms.count) { mine = squares[index]; }
      let sum = workgroupSum(mine);
      if (localIndex == 0u) { result[0] = sqrt(sum); }
    }`,
    inputs: { squares },
    outputShape: [],
    ints: { count: groups },
    workgroups: [1, 1, 1],
    threads: THREADS,
  });
  for (const { dataId } of [values, squares]) backend.disposeData(dataId);
  return norm;
}
