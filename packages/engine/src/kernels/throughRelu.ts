import type * as tf from '@tensorflow/tfjs-core';
import { run } from './overrideGradient';

/**
 * Values of dy from which on a pass of its own, read twice and written once, takes a GPU less time than loading dy's gate
 * with each of its tiles; below, the CPU takes longer to queue the pass. By count, not measured on a card.
 */
const WORTH_A_PASS = 2 ** 20;

/** What relu lets through: dy where its output is above 0. */
export function throughRelu(
  dy: tf.Tensor,
  output: tf.Tensor | undefined,
): { dy: tf.Tensor; gate?: tf.Tensor } {
  if (output === undefined) return { dy };
  if (dy.size < WORTH_A_PASS) return { dy, gate: output };
  return { dy: run('ReluGrad', { dy, x: output }, { limit: Infinity }) };
}
