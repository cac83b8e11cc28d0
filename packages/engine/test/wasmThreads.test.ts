import { availableParallelism } from 'node:os';
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
