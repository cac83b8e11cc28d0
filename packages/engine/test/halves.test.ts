import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../src/index';
import { randomTensor } from './cases';
import { deviceHas, withoutFeatures } from './deviceFeatures';
import { fusedCases } from './fusedCases';
import { largestDifference, onBackend } from './onBackend';
import { startWebgpu } from './webgpuInNode';

const started = await startWebgpu({ precision: 'float16' });
const hasHalves = started && deviceHas('shader-f16');
if (started && !hasHalves) console.warn('SKIPPED: products of halves: this adapter has no shader-f16');

/** The stock kernel's, which knows no halves: an epilogue has neither this activation nor such a bias. */
const isStock = (name: string) => /"elu"|"bias":\[1\]/.test(name);

type Layer = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor) => tf.Tensor;

/** Without an activation: TensorFlow.js fuses no other while a gradient is taken. */
const layers: { name: string; shapes: [number[], number[], number[]]; layer: Layer }[] = [
  {
    name: 'convolution',
    shapes: [[2, 9, 11, 12], [3, 2, 12, 20], [20]],
    layer: (x, filter, bias) =>
      tf.fused.conv2d({
        x: x as tf.Tensor4D,
        filter: filter as tf.Tensor4D,
        strides: [2, 1],
        pad: 'same',
        bias,
      }),
  },
  {
    name: 'dense layer',
    shapes: [[5, 700], [700, 18], [18]],
    layer: (a, b, bias) => tf.fused.matMul({ a, b, bias }),
  },
];

describe.skipIf(!started)('precision float16', () => {
  beforeAll(async () => {
    await useEngine('cpu');
  });

  it.each(fusedCases)('is float32 on a device without shader-f16: $name', async ({ run }) => {
    const plain = await onBackend('webgpu', () => withoutFeatures(run));
    expect(largestDifference(plain, await onBackend('cpu', run))).toBeLessThan(2e-5);
  });

  it('says what is in use', async () => {
    const { gpu } = await useEngine('webgpu', { precision: 'float16' });
    expect(gpu!.featuresInUse.includes('shader-f16')).toBe(gpu!.features.includes('shader-f16'));
  });

  describe.skipIf(!hasHalves)('where there are halves', () => {
    it.each(fusedCases)('rounds a layer’s factors to 11 bits: $name', async ({ name, run }) => {
      const difference = largestDifference(await onBackend('webgpu', run), await onBackend('cpu', run));
      expect(difference).toBeLessThan(isStock(name) ? 2e-5 : 5e-3);
      if (!isStock(name)) expect(difference).toBeGreaterThan(2e-5);
    });

    it.each(layers)('is exact where halves are, a $name', async ({ shapes, layer }) => {
      const run = () =>
        tf.tidy(() => {
          const whole = shapes.map((shape, i) => tf.round(tf.mul(randomTensor(shape, i + 1), 3)));
          return layer(...(whole as [tf.Tensor, tf.Tensor, tf.Tensor]));
        });
      expect(await onBackend('webgpu', run)).toEqual(await onBackend('cpu', run));
    });

    it('adds up tiles in float32: a half has no 2049', async () => {
      const threes = (shape: [number, number]) => tf.fill(shape, 3);
      const run = () => tf.tidy(() => tf.fused.matMul({ a: threes([3, 1001]), b: threes([1001, 4]) }));
      expect(new Set(await onBackend('webgpu', run))).toEqual(new Set([9009]));
    });

    it.each(layers)('leaves what a gradient is taken of in float32, a $name', async ({ shapes, layer }) => {
      const run = () =>
        tf.tidy(() => {
          const [x, filter, bias] = shapes.map((shape, i) => randomTensor(shape, i + 1)) as [
            tf.Tensor,
            tf.Tensor,
            tf.Tensor,
          ];
          const { value, grads } = tf.valueAndGrads(layer as (...x: tf.Tensor[]) => tf.Tensor)([
            x,
            filter,
            bias,
          ]);
          return tf.concat([value, ...grads].map((tensor) => tf.reshape(tensor, [-1])));
        });
      const difference = largestDifference(await onBackend('webgpu', run), await onBackend('cpu', run));
      expect(difference).toBeLessThan(2e-5);
    });
  });
});
