import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../src/index';
import { kernelCases } from './kernelCases';
import { largestDifference, onBackend } from './onBackend';
import { startWebgpu } from './webgpuInNode';

const started = await startWebgpu();

describe.skipIf(!started)('kernels on webgpu in Node', () => {
  beforeAll(async () => {
    await useEngine('cpu');
    await useEngine('wasm');
  });

  it.each(kernelCases)('agree with the cpu backend: $name', async ({ run, reference = 'cpu' }) => {
    const expected = await onBackend(reference, run);
    expect(largestDifference(await onBackend('webgpu', run), expected)).toBeLessThan(2e-5);
  });

  // By which a training that went astray is noticed.
  it.each([
    ['relu', 8],
    ['relu6', 8],
    ['relu', 300], // a sum that is split
  ] as const)('%s of %i channels leaves NaN', async (activation, channels) => {
    const values = await onBackend('webgpu', () =>
      tf.tidy(() => {
        const x = tf.tensor4d(new Float32Array(4 * channels).fill(NaN), [1, 2, 2, channels]);
        const filter = tf.ones<tf.Rank.R4>([2, 2, channels, 4]);
        return tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', activation, bias: tf.ones([4]) });
      }),
    );
    expect([...values]).toEqual(Array(16).fill(NaN));
  });
});
