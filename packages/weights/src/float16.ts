// IEEE 754 binary16 and bfloat16, by tables and bit work: Node 20 has no Float16Array.

const scratch = new Float32Array(1);
const bits = new Uint32Array(scratch.buffer);

let halfTable: Float32Array | undefined;

function buildHalfTable(): Float32Array {
  const table = new Float32Array(65536);
  for (let h = 0; h < 65536; h++) {
    const exponent = (h >> 10) & 31;
    const fraction = h & 1023;
    const sign = h & 0x8000 ? -1 : 1;
    if (exponent === 0) table[h] = sign * fraction * 2 ** -24;
    else if (exponent === 31) table[h] = fraction ? NaN : sign * Infinity;
    else table[h] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return table;
}

/** Widens binary16 values. */
export function float16ToFloat32(half: Uint16Array): Float32Array {
  halfTable ??= buildHalfTable();
  const out = new Float32Array(half.length);
  for (let i = 0; i < half.length; i++) out[i] = halfTable[half[i]!]!;
  return out;
}

/** Widens bfloat16 values: they are the upper half of a float32. */
export function bfloat16ToFloat32(brain: Uint16Array): Float32Array {
  const out = new Uint32Array(brain.length);
  for (let i = 0; i < brain.length; i++) out[i] = brain[i]! << 16;
  return new Float32Array(out.buffer);
}

/** Drops `shift` low bits of `value`, to nearest, ties to even. */
function roundShift(value: number, shift: number): number {
  const half = 2 ** (shift - 1);
  const quotient = Math.floor(value / 2 ** shift);
  const remainder = value - quotient * 2 ** shift;
  return quotient + (remainder > half || (remainder === half && quotient & 1) ? 1 : 0);
}

function toHalf(value: number): number {
  scratch[0] = value;
  const word = bits[0]!;
  const sign = (word >>> 16) & 0x8000;
  const exponent = (word >>> 23) & 255;
  const fraction = word & 0x7fffff;
  if (exponent === 255) return sign | 0x7c00 | (fraction ? 0x200 : 0);
  const e = exponent - 112; // binary16 bias 15, float32 bias 127
  if (e >= 31) return sign | 0x7c00;
  if (e < -10) return sign;
  // A carry out of the fraction steps into the exponent, which is the right next value (infinity too).
  if (e > 0) return sign | ((e << 10) + roundShift(fraction, 13));
  return sign | roundShift(fraction | 0x800000, 14 - e);
}

/** Narrows to binary16, to nearest even; values from 65520 on become infinity, those under 2⁻²⁵ zero. */
export function float32ToFloat16(values: ArrayLike<number>): Uint16Array {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = toHalf(values[i]!);
  return out;
}
