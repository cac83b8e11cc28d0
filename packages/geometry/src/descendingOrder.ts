const RADIX_BITS = 11; // three passes over 32 bits
const RADIX = 1 << RADIX_BITS;

/** Below this length insertion beats clearing the radix counts (bench/nms.bench.ts). */
const INSERTION_LENGTH = 64;

/** Which half of a float64's 8 bytes has its upper bits. */
const UPPER = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** Float bits as unsigned integers that ascend where the values descend; −0 counts as 0. */
function descendingKeys(values: Float32Array): Uint32Array {
  const keys = new Uint32Array(values.length);
  const floats = new Float32Array(keys.buffer);
  for (let i = 0; i < values.length; i++) {
    floats[i] = values[i]! + 0;
    const bits = keys[i]!;
    keys[i] = bits >>> 31 === 1 ? bits : bits ^ 0x7fffffff;
  }
  return keys;
}

/** The same of float64, in two words: the lower bits and the upper ones. */
function descendingKeyPairs(values: Float64Array): [Uint32Array, Uint32Array] {
  const lower = new Uint32Array(values.length);
  const upper = new Uint32Array(values.length);
  const float = new Float64Array(1);
  const words = new Uint32Array(float.buffer);
  for (let i = 0; i < values.length; i++) {
    float[0] = values[i]! + 0;
    const high = words[UPPER]!;
    const low = words[1 - UPPER]!;
    const negative = high >>> 31 === 1;
    upper[i] = negative ? high : high ^ 0x7fffffff;
    lower[i] = negative ? low : ~low;
  }
  return [lower, upper];
}

function insertionOrder(values: Float32Array | Float64Array): Int32Array {
  const order = new Int32Array(values.length);
  for (let i = 1; i < order.length; i++) {
    const value = values[i]!;
    let at = i;
    for (; at > 0 && values[order[at - 1]!]! < value; at--) order[at] = order[at - 1]!;
    order[at] = i;
  }
  return order;
}

/** Positions at which each digit's indices start; undefined where all have one digit, and the pass would change nothing. */
function digitStarts(keys: Uint32Array, shift: number): Int32Array | undefined {
  const starts = new Int32Array(RADIX + 1);
  for (let i = 0; i < keys.length; i++) starts[((keys[i]! >>> shift) & (RADIX - 1)) + 1]!++;
  if (starts[((keys[0]! >>> shift) & (RADIX - 1)) + 1] === keys.length) return undefined;
  for (let digit = 0; digit < RADIX; digit++) starts[digit + 1]! += starts[digit]!;
  return starts;
}

/** Least significant digit first, so every pass, and with it the whole sort, is stable. */
function radixOrder(words: Uint32Array[]): Int32Array {
  const { length } = words[0]!;
  let order = new Int32Array(length);
  for (let i = 0; i < length; i++) order[i] = i;
  let target = new Int32Array(length);
  for (const keys of words) {
    for (let shift = 0; shift < 32; shift += RADIX_BITS) {
      const starts = digitStarts(keys, shift);
      if (!starts) continue;
      for (let i = 0; i < length; i++) {
        const index = order[i]!;
        target[starts[(keys[index]! >>> shift) & (RADIX - 1)]!++] = index;
      }
      [order, target] = [target, order];
    }
  }
  return order;
}

/** Indices by descending value, equal values by ascending index (stable). NaN is the caller's to refuse. */
export function descendingOrder(values: Float32Array | Float64Array): Int32Array {
  if (values.length <= INSERTION_LENGTH) return insertionOrder(values);
  return radixOrder(values instanceof Float64Array ? descendingKeyPairs(values) : [descendingKeys(values)]);
}
