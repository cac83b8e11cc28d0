import type * as tf from '@tensorflow/tfjs-core';
import { largestDifference, onBackend } from './onBackend';

/** How far wasm's result is from cpu's. */
export async function differenceFromCpu(f: () => tf.Tensor): Promise<number> {
  const expected = await onBackend('cpu', f);
  return largestDifference(await onBackend('wasm', f), expected);
}
