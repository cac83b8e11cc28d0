import { describe, expect, test } from 'vitest';
import { assertFinite } from '../src';
import type { StateDict, StateTensor } from '../src';

describe('assertFinite', () => {
  const dictOf = (data: StateTensor['data'], dtype: StateTensor['dtype'] = 'float32'): StateDict =>
    new Map([
      ['fine', { dtype: 'float32', shape: [2], data: Float32Array.of(1, -3e38) }],
      ['fc.weight', { dtype, shape: [data.length], data }],
    ]);

  test('names file, tensor, element and count', () => {
    expect(() => assertFinite(dictOf(Float32Array.of(1, NaN, 2, -Infinity, 3)), 'a.safetensors')).toThrow(
      /^assertFinite: a\.safetensors: fc\.weight holds NaN at element 1, and 2 of 5 are not finite/,
    );
    expect(() => assertFinite(dictOf(Float64Array.of(-Infinity), 'float64'), 'b')).toThrow(
      /holds -Infinity at element 0/,
    );
  });

  test('numbers and integers pass', () => {
    expect(() => assertFinite(dictOf(Float32Array.of(0, -0, 1e-45)), 'a')).not.toThrow();
    expect(() => assertFinite(dictOf(BigInt64Array.of(1n), 'int64'), 'a')).not.toThrow();
  });
});
