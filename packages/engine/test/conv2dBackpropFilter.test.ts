import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../src/index';
import { convCases, randomTensor } from './cases';
import { onBackend } from './onBackend';

beforeAll(async () => {
  await useEngine('cpu');
  await useEngine('wasm');
});

describe('Conv2DBackpropFilter on wasm', () => {
  it.each(convCases)('agrees with the cpu backend: %j', async ({ x, filter, strides, pad }) => {
    const gradient = () =>
      tf.tidy(() => {
        const input = randomTensor(x, 1) as tf.Tensor4D;
        const weights = randomTensor(filter, 2) as tf.Tensor4D;
        const y = tf.conv2d(
          input,
          weights,
          strides,
          pad,
          'NHWC',
          1,
          typeof pad === 'object' ? undefined : undefined,
        );
        const dy = randomTensor(y.shape, 3) as tf.Tensor4D;
        const grad = tf.grad((w: tf.Tensor) => tf.conv2d(input, w as tf.Tensor4D, strides, pad));
        return grad(weights, dy);
      });
    const expected = await onBackend('cpu', gradient);
    const actual = await onBackend('wasm', gradient);
    const size = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (let i = 0; i < expected.length; i++)
      expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(1e-5 * size + 1e-6);
  });
});
