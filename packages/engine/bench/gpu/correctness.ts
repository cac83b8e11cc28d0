import * as tf from '@tensorflow/tfjs-core';
import { useEngine } from '../../src/index';
import { kernelCases } from '../../test/kernelCases';
import { largestDifference, onBackend } from '../../test/onBackend';
import { regionOp } from '../../../ops/test/cases';
import { regionCases } from '../../../ops/test/regionCases';
import { maxError } from '../../../ops/test/compare';
import { regionsOf, run } from '../../../ops/test/regions';

interface Compared {
  name: string;
  /** Infinite, null in JSON, where a result has NaNs or the kernel fails. */
  difference: number;
  error?: string;
}

/** How far every kernel of ours is from cpu's: those that are too far, and the largest distance of all. */
export interface Correctness {
  cases: number;
  worst: Compared;
  failed: Compared[];
}

/** A GPU's compiler may contract and reorder: more than a software GPU's 2·10⁻⁵, less than any fault would make. */
const TOLERANCE = 1e-4;
/** Where layers multiply in halves. */
const TOLERANCE_OF_HALVES = 5e-3;

export async function checkKernels(inHalves: boolean): Promise<Correctness> {
  const found: Compared[] = [];
  await useEngine('cpu');
  // Without wasm, which a single file does not carry: dilated gradients, which cpu refuses, are for npm test.
  for (const { name, run, reference } of kernelCases) {
    if (reference !== undefined) continue;
    const compare = async () => {
      const expected = await onBackend('cpu', run);
      return largestDifference(await onBackend('webgpu', run), expected);
    };
    found.push(await compared(name, compare));
  }
  for (const input of regionCases) {
    found.push(await compared(`${input.op} ${JSON.stringify(input.options)}`, () => compareRegions(input)));
  }
  await tf.setBackend('webgpu');
  const worst = found.reduce((a, b) => (b.difference > a.difference ? b : a));
  const tolerance = inHalves ? TOLERANCE_OF_HALVES : TOLERANCE;
  const failed = found.filter(({ difference }) => !(difference < tolerance));
  return { cases: found.length, worst, failed };
}

/** One kernel that fails must not cost the whole table. */
async function compared(name: string, compare: () => Promise<number>): Promise<Compared> {
  try {
    return { name, difference: await compare() };
  } catch (error) {
    return { name, difference: Infinity, error: (error as Error).message };
  }
}

async function compareRegions(input: (typeof regionCases)[number]): Promise<number> {
  const op = regionOp(input.op, input.options);
  await tf.setBackend('cpu');
  const expected = await run(op, regionsOf(input));
  await tf.setBackend('webgpu');
  const actual = await run(op, regionsOf(input));
  return Math.max(maxError(actual.output, expected.output), maxError(actual.gradient, expected.gradient));
}
