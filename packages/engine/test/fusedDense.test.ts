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

type Options = Parameters<typeof tfl.layers.dense>[0];

/** By fours and not, sums that are split, what is fused and what is not. */
const layers: { x: number[]; options: Options }[] = [
  { x: [20, 36], options: { units: 24, activation: 'relu' } },
  { x: [9, 19], options: { units: 7, activation: 'relu' } },
  { x: [5, 1040], options: { units: 12, activation: 'linear' } },
  { x: [1100, 6], options: { units: 5, activation: 'relu' } },
  { x: [6, 10], options: { units: 4 } },
  { x: [6, 10], options: { units: 4, activation: 'relu', trainable: false } },
  { x: [6, 10], options: { units: 4, activation: 'relu', useBias: false } },
  { x: [6, 10], options: { units: 4, activation: 'tanh' } },
  { x: [2, 3, 8], options: { units: 4, activation: 'relu' } },
];

const trained = (shape: number[], options: Options) => trainedLayer(tfl.layers.dense(options), shape);

describe.skipIf(!started)('a dense layer in training on webgpu', () => {
  beforeAll(async () => {
    await useEngine('cpu');
    await useEngine('webgpu');
  });

  it.each(layers)('has cpu’s output and gradients: $x, $options', async ({ x, options }) => {
    const expected = await onBackend('cpu', () => trained(x, options));
    const actual = await onBackend('webgpu', () => trained(x, options));
    expect(largestDifference(actual, expected)).toBeLessThan(2e-5);
  });

  it('is three dispatches: one forward, by its input, and by its weights and bias', async () => {
    await tf.setBackend('webgpu');
    const x = tf.variable(randomTensor([20, 36], 1));
    const layer = tfl.layers.dense({ units: 24, activation: 'relu' });
    layer.apply(x);
    const dispatchesOf = async (f: () => tf.Tensor) => {
      const variables = [x, ...layer.weights.map((weight) => weight.read() as tf.Variable)];
      const { dispatches, result } = await watchGpu(() =>
        tf.variableGrads(() => tf.sum(f()) as tf.Scalar, variables.slice(0, f === output ? 3 : 1)),
      );
      tf.dispose([result.value, result.grads]);
      return dispatches;
    };
    const output = () => layer.apply(x) as tf.Tensor;
    const sumAlone = await dispatchesOf(() => tf.reshape(x, [36, 20]));
    expect((await dispatchesOf(output)) - sumAlone).toBe(3);
    layer.dispose();
    x.dispose();
  });
});
