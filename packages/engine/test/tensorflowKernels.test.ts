import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { useEngine } from '../src';
import { convCases, randomTensor } from './cases';
import { largestDifference, onBackend } from './onBackend';

const native = await useEngine('tensorflow').then(
  () => true,
  () => false,
);
if (!native) console.warn('SKIPPED: kernels on tensorflow (the native engine is not installed)');
await useEngine('cpu');

test.skipIf(!native).each([
  ['relu', tf.relu],
  ['relu6', tf.relu6],
] as const)('%s: the gradient on tensorflow is that of cpu, at 0 and at 6 too', async (_, activation) => {
  const x = [-1, -0, 0, 1e-7, 0.5, 5.9, 6, 6.1, 1e9];
  const gradient = () =>
    tf.tidy(() => tf.grad((t: tf.Tensor) => tf.sum(tf.mul(activation(t), tf.range(1, 10))))(tf.tensor1d(x)));
  const expected = await onBackend('cpu', gradient);
  expect(await onBackend('tensorflow', gradient)).toEqual(expected);
  expect(expected[4]).toBe(5);
});

/** Two filters in turn: a kernel that kept the first would show. */
function fusedConvolutions(
  { x, filter, strides, pad }: (typeof convCases)[number],
  activation: string,
): tf.Tensor {
  return tf.tidy(() => {
    const image = randomTensor(x, 1) as tf.Tensor4D;
    const maps = [2, 3].map((seed) =>
      tf.fused.conv2d({
        x: image,
        filter: randomTensor(filter, seed) as tf.Tensor4D,
        strides,
        pad: pad as 'same',
        bias: randomTensor([filter[3]], seed + 2) as tf.Tensor1D,
        activation: activation as 'relu',
      }),
    );
    return tf.stack(maps);
  });
}

test.skipIf(!native).each(['linear', 'relu', 'relu6', 'elu'])(
  'fused.conv2d with a bias and %s agrees with cpu, every stride and padding',
  async (activation) => {
    for (const shape of convCases) {
      if (typeof shape.pad === 'number') continue; // the stock kernel refuses it
      const expected = await onBackend('cpu', () => fusedConvolutions(shape, activation));
      const actual = await onBackend('tensorflow', () => fusedConvolutions(shape, activation));
      expect(largestDifference(actual, expected)).toBeLessThan(1e-5);
    }
  },
);

test.skipIf(!native)('a bias for each pixel, and none at all, are left to the stock kernel', async () => {
  const run = (bias?: tf.Tensor) => () =>
    tf.tidy(() => {
      const [x, filter] = [randomTensor([1, 5, 5, 3], 1), randomTensor([3, 3, 3, 4], 2)] as [
        tf.Tensor4D,
        tf.Tensor4D,
      ];
      return tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias, activation: 'relu' });
    });
  for (const shape of [undefined, [1]]) {
    const convolve = () => tf.tidy(() => run(shape && randomTensor(shape, 3))());
    const expected = await onBackend('cpu', convolve);
    expect(largestDifference(await onBackend('tensorflow', convolve), expected)).toBeLessThan(1e-5);
  }
});
