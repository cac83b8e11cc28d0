import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

interface GoldenCase<Options> {
  options: Options;
  output: number[];
  gradient: number[];
}

/** What goldens/roi_ops.py writes; tensors in NHWC order. */
export interface Golden {
  shape: [number, number, number, number];
  spatialScale: number;
  features: number[];
  boxes: number[];
  boxIndices: number[];
  roiPool: GoldenCase<{ output_size: [number, number] }>[];
  roiAlign: GoldenCase<{ output_size: [number, number]; sampling_ratio: number; aligned: boolean }>[];
}

/** The golden script's dy: element i is ((37 i) mod 31 − 15) / 16. */
export function upstream(shape: number[]): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => (((37 * i) % 31) - 15) / 16),
    shape,
  );
}

export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  let at = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    if (!(error <= worst)) [worst, at] = [error, i];
  }
  if (!(worst <= tolerance))
    throw new Error(`[${at}]: ${actual[at]} differs from ${expected[at]} by ${worst}`);
}
