import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { useEngine } from '../src';
import { onBackend } from './onBackend';

const native = await useEngine('tensorflow').then(
  () => true,
  () => false,
);
if (!native) console.warn("SKIPPED: relu's gradient on tensorflow (the native engine is not installed)");
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
