import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { diagnose, useEngine } from '../src/index';

// Alone in its file: the first thing that starts an engine in this process has to be diagnose.
it('an engine that diagnose brought up first has our gradients: dilated ones, which tfjs-core refuses', async () => {
  await diagnose();
  await useEngine('wasm');
  const conv = (x: tf.Tensor): tf.Tensor =>
    tf.conv2d(x as tf.Tensor4D, tf.ones<tf.Rank.R4>([3, 2, 1, 1]), 1, 'valid', 'NHWC', [2, 3]);
  const gradient = tf.tidy(() => tf.grad(conv)(tf.ones([1, 5, 4, 1])));
  expect(gradient.shape).toEqual([1, 5, 4, 1]);
  // The filter's six taps reach over the whole picture, once: a pixel under a tap has 1, the others 0.
  const rows = [1, 0, 0, 1, 0, 0, 0, 0];
  expect([...(await gradient.data())]).toEqual([...rows, ...rows, ...rows.slice(0, 4)]);
});
