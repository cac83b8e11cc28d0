import * as tf from '@tensorflow/tfjs-core';
import { useEngine } from '../../src/index';
import { gradientCases } from '../../test/gradientCases';
import { largestDifference, onBackend } from '../../test/onBackend';
import { regionOp } from '../../../ops/test/cases';
import { regionCases } from '../../../ops/test/regionCases';
import { maxError } from '../../../ops/test/compare';
import { regionsOf, run } from '../../../ops/test/regions';

/** How far every kernel of ours is from cpu's: those that are too far, and the largest distance of all. */
export interface Correctness {
  cases: number;
  worst: { name: string; difference: number };
  failed: { name: string; difference: number }[];
}

/** A GPU's compiler may contract and reorder: more than a software GPU's 2·10⁻⁵, less than any fault would make. */
const TOLERANCE = 1e-4;

export async function checkKernels(): Promise<Correctness> {
  const found: { name: string; difference: number }[] = [];
  await useEngine('cpu');
  // Without wasm, which a single file does not carry: dilated gradients, which cpu refuses, are for npm test.
  for (const { name, run, reference } of gradientCases) {
    if (reference !== undefined) continue;
    const expected = await onBackend('cpu', run);
    found.push({ name, difference: largestDifference(await onBackend('webgpu', run), expected) });
  }
  for (const input of regionCases) {
    const op = regionOp(input.op, input.options);
    await tf.setBackend('cpu');
    const expected = await run(op, regionsOf(input));
    await tf.setBackend('webgpu');
    const actual = await run(op, regionsOf(input));
    const differences = [
      maxError(actual.output, expected.output),
      maxError(actual.gradient, expected.gradient),
    ];
    found.push({
      name: `${input.op} ${JSON.stringify(input.options)}`,
      difference: Math.max(...differences),
    });
  }
  const worst = found.reduce((a, b) => (b.difference > a.difference ? b : a));
  const failed = found.filter(({ difference }) => !(difference < TOLERANCE));
  return { cases: found.length, worst, failed };
}
