import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../src/index';
import { randomTensor } from './cases';
import { largestDifference, onBackend } from './onBackend';
import { watchGpu } from './watchGpu';
import { trainedLayer } from './trainedLayer';
import { startWebgpu } from './webgpuInNode';

const started = await startWebgpu();

type Options = Parameters<typeof tfl.layers.conv2d>[0];

const layers: Options[] = [
  { filters: 6, kernelSize: 3, padding: 'same', activation: 'relu' },
  { filters: 20, kernelSize: [3, 2], strides: [2, 3], padding: 'valid', activation: 'relu' },
  { filters: 70, kernelSize: 5, padding: 'same', activation: 'relu' },
  { filters: 40, kernelSize: 1, strides: 2, activation: 'linear' },
  { filters: 6, kernelSize: 3, padding: 'same' },
  { filters: 6, kernelSize: 3, padding: 'same', activation: 'relu', trainable: false },
  { filters: 6, kernelSize: 3, padding: 'same', activation: 'relu6' },
  { filters: 6, kernelSize: 3, padding: 'same', activation: 'relu', useBias: false },
  { filters: 6, kernelSize: [2, 3], activation: 'sigmoid' },
];

/** Whose gradient goes through relu as it is loaded: by fours and not, strided, as matrices; and one worth a pass. */
const rectified: { x: number[]; options: Options }[] = [
  { x: [2, 9, 11, 20], options: { filters: 20, kernelSize: 3, padding: 'same', activation: 'relu' } },
  { x: [1, 13, 10, 18], options: { filters: 7, kernelSize: [3, 2], strides: [2, 3], activation: 'relu' } },
  { x: [2, 7, 9, 24], options: { filters: 36, kernelSize: 1, activation: 'relu' } },
  { x: [1, 9, 7, 19], options: { filters: 21, kernelSize: 1, activation: 'relu' } },
  { x: [1, 9, 12, 5], options: { filters: 6, kernelSize: [2, 3], activation: 'relu' } },
  { x: [1, 128, 130, 2], options: { filters: 64, kernelSize: 1, activation: 'relu' } },
];

const trained = (options: Options, shape = [2, 13, 17, 3]) => trainedLayer(tfl.layers.conv2d(options), shape);

describe.skipIf(!started)('a convolution layer in training on webgpu', () => {
  beforeAll(async () => {
    await useEngine('cpu');
  });

  it.each(layers)('has cpu’s output and gradients: %j', async (options) => {
    const expected = await onBackend('cpu', () => trained(options));
    expect(largestDifference(await onBackend('webgpu', () => trained(options)), expected)).toBeLessThan(2e-5);
  });

  it.each(rectified)('has them through a relu: $x, $options', async ({ x, options }) => {
    const expected = await onBackend('cpu', () => trained(options, x));
    const actual = await onBackend('webgpu', () => trained(options, x));
    expect(largestDifference(actual, expected)).toBeLessThan(2e-5);
  });

  it('is one dispatch forward, as without gradients', async () => {
    await tf.setBackend('webgpu');
    const x = randomTensor([1, 19, 21, 3], 1);
    const layer = tfl.layers.conv2d({ filters: 20, kernelSize: 3, activation: 'relu' });
    layer.apply(x);
    const plain = await watchGpu(() => layer.apply(x) as tf.Tensor);
    let inTape = 0;
    const grads = tf.variableGrads(
      () => {
        const recorded = tf.backend() as unknown as { recordAndSubmit(...args: unknown[]): void };
        const record = recorded.recordAndSubmit;
        recorded.recordAndSubmit = (...args) => {
          inTape++;
          record.apply(recorded, args);
        };
        const y = layer.apply(x) as tf.Tensor;
        recorded.recordAndSubmit = record;
        return tf.sum(y) as tf.Scalar;
      },
      layer.trainableWeights.map((weight) => weight.read() as tf.Variable),
    );
    expect([plain.dispatches, inTape]).toEqual([1, 1]);
    tf.dispose([x, plain.result, grads.value, grads.grads]);
    layer.dispose();
  });
});
