import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../src/index';
import { type ConvCase, convCases, depthwiseCases, randomTensor } from './cases';
import { largestDifference, onBackend } from './onBackend';

beforeAll(async () => {
  await useEngine('cpu');
  await useEngine('wasm');
});

type Conv = (x: tf.Tensor, filter: tf.Tensor) => tf.Tensor;

function conv2d({ strides, pad }: ConvCase): Conv {
  return (x, filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad);
}

function depthwise({ strides, pad }: ConvCase): Conv {
  return (x, filter) => tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad as 'same');
}

/** The gradient by x (0) or by the filter (1) for a random dy. */
function gradient(conv: Conv, { x, filter }: ConvCase, by: 0 | 1): tf.Tensor {
  return tf.tidy(() => {
    const inputs = [randomTensor(x, 1), randomTensor(filter, 2)] as const;
    const dy = randomTensor(conv(...inputs).shape, 3);
    return tf.grads(conv)([...inputs], dy)[by]!;
  });
}

/** By the filter alone, as in the first layer of a network. */
describe.each([
  ['conv2d', conv2d, convCases],
  ['depthwiseConv2d', depthwise, depthwiseCases],
])('gradients of %s on wasm', (_, of, cases) => {
  it.each(cases)('agree with the cpu backend: %j', async (example) => {
    for (const by of [0, 1] as const) {
      const expected = await onBackend('cpu', () => gradient(of(example), example, by));
      const actual = await onBackend('wasm', () => gradient(of(example), example, by));
      expect(largestDifference(actual, expected)).toBeLessThan(1e-5);
    }
  });
});
