const RADIX_BITS = 11; // three passes over 32 bits
const RADIX = 1 << RADIX_BITS;

/** Below this length insertion beats clearing the radix counts (bench/nms.bench.ts). */
const INSERTION_LENGTH = 64;

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

function insertionOrder(values: Float32Array): Int32Array {
  const order = new Int32Array(values.length);
  for (let i = 1; i < order.length; i++) {
    const value = values[i]!;
    let at = i;
    for (; at > 0 && values[order[at - 1]!]! < value; at--) order[at] = order[at - 1]!;
    order[at] = i;
  }
  return order;
}

/** Least significant digit first, so every pass, and with it the whole sort, is stable. */
function radixOrder(keys: Uint32Array): Int32Array {
  let order = Int32Array.from(keys, (_, i) => i);
  let target = new Int32Array(keys.length);
  for (let shift = 0; shift < 32; shift += RADIX_BITS) {
    const offsets = new Int32Array(RADIX + 1);
    for (let i = 0; i < keys.length; i++) offsets[((keys[i]! >>> shift) & (RADIX - 1)) + 1]!++;
    for (let digit = 0; digit < RADIX; digit++) offsets[digit + 1]! += offsets[digit]!;
    for (let i = 0; i < order.length; i++) {
      const index = order[i]!;
      target[offsets[(keys[index]! >>> shift) & (RADIX - 1)]!++] = index;
    }
    [order, target] = [target, order];
  }
  return order;
}

/** Indices by descending value, equal values by ascending index (stable). NaN is the caller's to refuse. */
export function descendingOrder(values: Float32Array): Int32Array {
  return values.length <= INSERTION_LENGTH ? insertionOrder(values) : radixOrder(descendingKeys(values));
}
