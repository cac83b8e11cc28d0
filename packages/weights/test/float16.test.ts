import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bfloat16ToFloat32, float16ToFloat32, float32ToFloat16 } from '../src/float16';

describe('float16', () => {
  test('the table is IEEE 754’s', () => {
    const words = [
      0, 0x8000, 1, 0x3ff, 0x400, 0x3c00, 0x3c01, 0xc000, 0x7bff, 0xfbff, 0x7c00, 0xfc00, 0x7e00, 0x3555,
    ];
    const values = [0, -0, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 1, 1 + 2 ** -10, -2, 65504, -65504];
    expect([...float16ToFloat32(Uint16Array.from(words))]).toEqual([
      ...values,
      Infinity,
      -Infinity,
      NaN,
      0.333251953125,
    ]);
  });

  test('bfloat16 is the upper half of a float32', () => {
    expect([...bfloat16ToFloat32(Uint16Array.of(0x3f80, 0xc000, 0x7f80))]).toEqual([1, -2, Infinity]);
  });

  test('float16 survives the round trip, every value', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i).filter(
      (h) => (h & 0x7c00) !== 0x7c00 || (h & 0x3ff) === 0,
    );
    expect(float32ToFloat16(float16ToFloat32(all))).toEqual(all);
  });

  test('float16 breaks ties to even, overflows to infinity and keeps small values', () => {
    const given = [
      1 + 2 ** -11,
      1 + 3 * 2 ** -11,
      2049,
      2051,
      65519,
      65520,
      2 ** -24,
      2 ** -25,
      3 * 2 ** -26,
      -0,
      NaN,
    ];
    const want = [1, 1 + 2 ** -9, 2048, 2052, 65504, Infinity, 2 ** -24, 0, 2 ** -24, -0, NaN];
    expect([...float16ToFloat32(float32ToFloat16(given))]).toEqual(want);
  });

  test('float16 takes the nearest value', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -65000, max: 65000 }), (value) => {
        const half = float32ToFloat16([value])[0]!;
        const error = (h: number) => Math.abs(float16ToFloat32(Uint16Array.of(h))[0]! - value);
        expect(error(half)).toBeLessThanOrEqual(error(half + 1));
        if (half & 0x7fff) expect(error(half)).toBeLessThanOrEqual(error(half - 1));
      }),
      { seed: 6 },
    );
  });
});
