import { engine, util, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { dispatch, type WebgpuBackend } from './program';

/**
 * Sums that many threads add to, in any order and always to the same bits: WebGPU's atomics are of integers, so a value is
 * taken as a fixed-point number, a power of two of the largest one, and kept as a high and a low part, since one integer
 * would have to give up as many bits as there may be values in a sum. Floats added by compare-and-swap would differ from
 * run to run.
 */
export interface FixedPointSums {
  backend: WebgpuBackend;
  /** High parts, low parts, and the largest magnitude as the bits of a float. */
  sums: TensorInfo;
  size: number;
  /** Bits below the high part. */
  lowBits: number;
  /** Bits of the two together. */
  bits: number;
}

const THREADS = 256;
const WORKGROUPS = 256;

/**
 * Zeros for sums of at most `addends` of `values`, each times a factor of at most 1. Of the 31 bits of an integer,
 * `addends` can take log₂ of themselves.
 */
export function fixedPointSums(
  backend: WebgpuBackend,
  { size, addends, values }: { size: number; addends: number; values: TensorInfo },
): FixedPointSums {
  const highBits = 30 - Math.ceil(Math.log2(addends + 1));
  const bits = Math.min(29, 2 * highBits); // below 2³⁰ a float becomes an integer safely
  const attrs = { shape: [2 * size + 1], value: 0, dtype: 'int32' };
  const sums: Tensor = engine().runKernel('Fill', {}, attrs);
  const count = util.sizeFromShape(values.shape);
  dispatch(backend, {
    name: 'LargestMagnitude',
    wgsl: () => LARGEST_MAGNITUDE,
    inputs: { values },
    outputShape: sums.shape,
    ints: { at: 2 * size, threads: THREADS * WORKGROUPS, values: count },
    count: Math.min(count, THREADS * WORKGROUPS),
    threads: THREADS,
    dtype: 'int32',
    addTo: sums,
  });
  return { backend, sums, size, bits, lowBits: Math.max(0, bits - highBits) };
}

/** The bits of positive floats are ordered as they are, NaN above all. */
const LARGEST_MAGNITUDE = `
  var<workgroup> largest: atomic<i32>;
  fn main(index: i32) {
    var mine = 0;
    for (var i = index; i < uniforms.values; i += uniforms.threads) {
      mine = max(mine, bitcast<i32>(values[i]) & 0x7fffffff);
    }
    atomicMax(&largest, mine);
    workgroupBarrier();
    if (localIndex == 0u) { atomicMax(&result[uniforms.at], atomicLoad(&largest)); }
  }`;

/** The uniforms that \`addFixedPoint\` and the reading back want. */
export function fixedPointInts({ size, bits, lowBits }: FixedPointSums): Record<string, number> {
  return { sumCount: size, fixedBits: bits, lowBits };
}

/** WGSL: `powerOfTwo`, and `scaleOf` the bits of the largest magnitude: what brings it below 2^fixedBits. */
const SCALE = `
  fn powerOfTwo(exponent: i32) -> f32 { return bitcast<f32>(u32(exponent + 127) << 23u); }
  fn scaleExponent(largest: i32) -> i32 { return uniforms.fixedBits - max((largest >> 23u) - 126, -90); }`;

/** WGSL: `addFixedPoint(at, value)` into the sums. */
export const ADD_FIXED_POINT = `${SCALE}
  fn addFixedPoint(at: i32, value: f32) {
    let scale = powerOfTwo(scaleExponent(atomicLoad(&result[2 * uniforms.sumCount])));
    let fixed = i32(round(value * scale));
    let high = fixed >> u32(uniforms.lowBits);
    if (high != 0) { atomicAdd(&result[at], high); }
    let low = fixed - (high << u32(uniforms.lowBits));
    if (low != 0) { atomicAdd(&result[uniforms.sumCount + at], low); }
  }`;

/** The sums as floats; takes the integers' memory back. Where a value was no number, no sum is. */
export function readFixedPoint(fixed: FixedPointSums, shape: number[]): TensorInfo {
  const { backend, sums, size } = fixed;
  const out = dispatch(backend, {
    name: 'ReadFixedPoint',
    wgsl: () => `${SCALE}
    fn main(index: i32) {
      if (index >= uniforms.count) { return; }
      let largest = sums[2 * uniforms.sumCount];
      if (largest >= 0x7f800000) { result[index] = uniforms.NAN; return; }
      let high = f32(sums[index]) * powerOfTwo(uniforms.lowBits);
      result[index] = (high + f32(sums[uniforms.sumCount + index])) * powerOfTwo(-scaleExponent(largest));
    }`,
    inputs: { sums },
    outputShape: shape,
    ints: fixedPointInts(fixed),
    count: size,
  });
  (sums as Tensor).dispose();
  return out;
}
