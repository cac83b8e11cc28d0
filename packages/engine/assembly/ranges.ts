/** Output pixels between two visits of the same accumulators: keeps x and dy of a block in the first cache. */
export const blockPixels: i32 = 256;

/** The first output position whose input position, `position · stride + shift`, is at least 0. */
export function firstInside(shift: i32, stride: i32): i32 {
  return shift >= 0 ? 0 : (stride - 1 - shift) / stride;
}

/** The first output position whose input position, `position · stride + shift`, is `size` or more. */
export function firstOutside(shift: i32, stride: i32, size: i32): i32 {
  return shift >= size ? 0 : (size - shift + stride - 1) / stride;
}
