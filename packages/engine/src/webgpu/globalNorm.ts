import { type TensorInfo } from '@tensorflow/tfjs-core';
import { pack, packingOf, type CopyingBackend } from './packed';
import { dispatch } from './program';

interface Args {
  inputs: Record<string, TensorInfo>;
  backend: CopyingBackend;
}

const THREADS = 256;
const MOST_WORKGROUPS = 256;

/** Sum of what the threads of a workgroup found, in one. */
const PLAIN_SUM = `
  fn workgroupSum(mine: f32) -> f32 {
    sums[localIndex] = mine;
    for (var half = THREADS / 2u; half > 0u; half /= 2u) {
      workgroupBarrier();
      if (localIndex < half) { sums[localIndex] += sums[localIndex + half]; }
    }
    return sums[localIndex];
  }`;

/**
 * The same with one barrier instead of eight: each subgroup adds up its own, then each adds up all subgroups' sums, which
 * lie at their first threads. Nothing is taken for granted of a subgroup's size, or of which threads it has.
 */
const SUBGROUP_SUM = `
  fn workgroupSum(mine: f32) -> f32 {
    let own = subgroupAdd(mine);
    sums[localIndex] = select(0.0, own, subgroupElect());
    workgroupBarrier();
    var some = 0.0;
    let lanes = subgroupAdd(1u);
    for (var i = subgroupExclusiveAdd(1u); i < THREADS; i += lanes) { some += sums[i]; }
    return subgroupAdd(some);
  }`;

const workgroupSum = (enable: 'subgroups' | undefined): string => `
  const THREADS = ${THREADS}u;
  var<workgroup> sums: array<f32, THREADS>;
  ${enable === undefined ? PLAIN_SUM : SUBGROUP_SUM}`;

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
