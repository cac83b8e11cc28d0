import { mulberry32 } from '@roikit/geometry';
import * as ops from '@roikit/ops/layers';
import type { SymbolicTensor } from '../options';

/** `dropout` of @roikit/ops; a network built without `random` (for loading weights) still has repeatable masks. */
export function dropout(
  x: SymbolicTensor,
  name: string,
  rate: number,
  random: () => number = mulberry32(0),
): SymbolicTensor {
  return ops.dropout(x, { name, rate, random });
}
