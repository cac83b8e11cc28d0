import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { useEngine } from '../src';
import { randomTensor } from './cases';
import { largestDifference, onBackend } from './onBackend';

const native = await useEngine('tensorflow').then(
  () => true,
  () => false,
);
if (!native)
  console.warn("SKIPPED: batch norm's gradients on tensorflow (the native engine is not installed)");
await useEngine('wasm');
await useEngine('cpu');

/** Gradients by all five inputs, one after the other. */
function byInputs(shape: number[], parameters: number[]): tf.Tensor {
  return tf.tidy(() => {
    const [x, mean, scale, offset] = [shape, parameters, parameters, parameters].map(randomTensor);
    const variance = tf.add(tf.abs(randomTensor(parameters, 5)), 0.2);
    const normalise = (...[a, b, c, d, e]: tf.Tensor[]) =>
      tf.batchNorm(a!, b as tf.Tensor1D, c as tf.Tensor1D, e as tf.Tensor1D, d as tf.Tensor1D, 1e-3);
    const gradients = tf.grads(normalise)([x!, mean!, variance, scale!, offset!], randomTensor(shape, 6));
    return tf.concat(gradients.map((gradient) => tf.reshape(gradient, [-1])));
  });
}

/** The gradient of a training step: mean and variance come from x. */
function inTraining(): tf.Tensor {
  return tf.tidy(() => {
    const normalise = (x: tf.Tensor) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      const [offset, scale] = [randomTensor([7], 1), randomTensor([7], 2)] as tf.Tensor1D[];
      return tf.batchNorm(
        x as tf.Tensor4D,
        mean as tf.Tensor1D,
        variance as tf.Tensor1D,
        offset,
        scale,
        1e-3,
      );
    };
    return tf.grad(normalise)(tf.add(randomTensor([2, 5, 6, 7], 3), 4), randomTensor([2, 5, 6, 7], 4));
  });
}

describe.each([
  ['wasm', true],
  ['tensorflow', native],
])('%s', (backend, there) => {
  const difference = async (f: () => tf.Tensor) => {
    const expected = await onBackend('cpu', f);
    return largestDifference(await onBackend(backend, f), expected);
  };

  test.skipIf(!there)("batch norm's gradients are cpu's, by every input", async () => {
    expect(await difference(() => byInputs([2, 5, 6, 7], [7]))).toBeLessThan(1e-5);
    expect(await difference(() => byInputs([6, 1, 1, 1], [1]))).toBeLessThan(1e-5);
  });

  test.skipIf(!there)('and so is that of a training step', async () => {
    expect(await difference(inTraining)).toBeLessThan(1e-4);
  });

  test.skipIf(!there).each([[[0, 1, 2]], [[1]], [[0, 3]], [-1], [undefined]])(
    'the gradient of a mean over axes %j is that of cpu',
    async (axis) => {
      for (const keepDims of [false, true]) {
        const gradient = () =>
          tf.tidy(() => {
            const mean = (x: tf.Tensor) => tf.mean(x, axis, keepDims);
            const x = randomTensor([2, 3, 4, 5], 1);
            return tf.grad(mean)(x, randomTensor(mean(x).shape, 2));
          });
        expect(await difference(gradient)).toBeLessThan(1e-6);
      }
    },
  );
});
