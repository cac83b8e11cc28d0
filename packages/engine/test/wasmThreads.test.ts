import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type EngineInfo, useEngine } from '../src/index';
import { randomTensor } from './cases';
import { largestDifference, onBackend } from './onBackend';

const threads = 2;
if (availableParallelism() < threads) console.warn('one core: two threads will be slow');

let info: EngineInfo;

beforeAll(async () => {
  await useEngine('cpu');
  info = await useEngine('wasm', { threads });
});

describe('threads', () => {
  it.each([0, 1.5, 5, '2' as unknown as number])('%j are refused', async (wrong) => {
    await expect(useEngine('wasm', { threads: wrong })).rejects.toThrow(
      `useEngine: threads must be a whole number from 1 to 4, got ${wrong}`,
    );
  });

  it('do not keep a process alive that has nothing else to do', async () => {
    const source = new URL('../src/index.ts', import.meta.url).href;
    const code = `import { useEngine } from ${JSON.stringify(source)};
      console.log((await useEngine('wasm', { threads: 2 })).threads);`;
    const options = ['--import', 'tsx', '--conditions=@roikit/source', '--input-type=module', '-e', code];
    const { stdout } = await promisify(execFile)(process.execPath, options, { timeout: 100_000 });
    expect(stdout.trim()).toBe('2');
  }, 120_000);
});

describe('wasm on two threads in Node', () => {
  it('says so', () => {
    expect(info).toMatchObject({ name: 'wasm', threads });
  });

  it.each([0, 1])('computes the gradient by input %i that cpu does', async (by) => {
    const gradient = () =>
      tf.tidy(() => {
        const of = (x: tf.Tensor, filter: tf.Tensor) =>
          tf.maxPool(tf.relu(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same')), 2, 2, 'same');
        const inputs = [randomTensor([2, 24, 20, 8], 31), randomTensor([3, 3, 8, 24], 32)];
        return tf.grads(of as never)(inputs, randomTensor([2, 12, 10, 24], 33))[by]!;
      });
    const expected = await onBackend('cpu', gradient);
    expect(largestDifference(await onBackend('wasm', gradient), expected)).toBeLessThan(1e-5);
  });
});
