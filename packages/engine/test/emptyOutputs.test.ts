import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../src/index';

const ones = (...shape: [number, number, number, number]) => tf.ones(shape) as tf.Tensor4D;

/** Every op with a window, 3×2, on a map of `[height, width]`. */
const ops: Record<string, (height: number, width: number, pad: 'valid' | 'same' | number) => tf.Tensor> = {
  conv2d: (h, w, pad) => tf.conv2d(ones(1, h, w, 4), ones(3, 2, 4, 5), 1, pad),
  'fused.conv2d': (h, w, pad) =>
    tf.fused.conv2d({ x: ones(1, h, w, 4), filter: ones(3, 2, 4, 5), strides: 1, pad, activation: 'relu' }),
  depthwiseConv2d: (h, w, pad) => tf.depthwiseConv2d(ones(1, h, w, 4), ones(3, 2, 4, 1), 1, pad as 'valid'),
  'fused.depthwiseConv2d': (h, w, pad) =>
    tf.fused.depthwiseConv2d({
      x: ones(1, h, w, 4),
      filter: ones(3, 2, 4, 1),
      strides: 1,
      pad: pad as 'valid',
      activation: 'relu',
    }),
  maxPool: (h, w, pad) => tf.maxPool(ones(1, h, w, 4), [3, 2], 1, pad),
  avgPool: (h, w, pad) => tf.avgPool(ones(1, h, w, 4), [3, 2], 1, pad),
};

const native = await useEngine('tensorflow').then(
  () => true,
  () => false,
);
if (!native) console.warn('SKIPPED: empty outputs on tensorflow (the native engine is not installed)');

describe.each([
  ['cpu', true],
  ['wasm', true],
  ['tensorflow', native],
] as const)('a window that does not fit, on %s', (backend, there) => {
  beforeAll(async () => {
    if (there) await useEngine(backend);
  });

  it.skipIf(!there).each(Object.keys(ops))('%s refuses it, naming the sizes', (name) => {
    const before = tf.memory().numTensors;
    const run = (...args: Parameters<(typeof ops)[string]>) => tf.tidy(() => ops[name]!(...args).shape);
    // Output heights 0, −1 and −2, as thin pictures give; then a width of 0.
    for (const height of [2, 1, 0]) {
      expect(() => run(height, 9, 'valid')).toThrow(
        `${name}: the input must be as large as the window, 3×2, got ${height}×9`,
      );
    }
    expect(() => run(9, 1, 'valid')).toThrow(`got 9×1`);
    expect(run(3, 2, 'valid').slice(1, 3)).toEqual([1, 1]);
    expect(run(1, 1, 'same').slice(1, 3)).toEqual([1, 1]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
