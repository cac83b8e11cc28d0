/** Threads of a workgroup that adds up. */
export const SUM_THREADS = 256;

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

/** WGSL: `fn workgroupSum(mine: f32) -> f32`, right in the workgroup's first thread. */
export const workgroupSum = (enable?: 'subgroups'): string => `
  const THREADS = ${SUM_THREADS}u;
  var<workgroup> sums: array<f32, THREADS>;
  ${enable === undefined ? PLAIN_SUM : SUBGROUP_SUM}`;
