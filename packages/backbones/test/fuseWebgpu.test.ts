import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { useEngine } from '@roikit/engine';
import { largestDifference } from '../../engine/test/onBackend';
import { watchGpu } from '../../engine/test/watchGpu';
import { startWebgpu } from '../../engine/test/webgpuInNode';
import { fuse } from '../src';

type Symbolic = tfl.SymbolicTensor;

const activation = (x: Symbolic, activation: 'relu' | 'relu6') =>
  tfl.layers.activation({ activation }).apply(x) as Symbolic;
const sum = (...maps: Symbolic[]) => tfl.layers.add().apply(maps) as Symbolic;

/** Sums of two with a relu of their own, by ones and by fours, and those that a relu does not end. */
function residual(channels: number): tfl.LayersModel {
  const inputs = [0, 1, 2].map(() => tfl.input({ shape: [null, null, channels] })) as [
    Symbolic,
    Symbolic,
    Symbolic,
  ];
  const [a, b, c] = inputs;
  const shown = sum(b, c);
  return tfl.model({
    inputs,
    outputs: [
      activation(sum(a, b), 'relu'),
      activation(sum(a, b, c), 'relu'),
      activation(sum(a, c), 'relu6'),
      shown,
      activation(shown, 'relu'),
    ],
  });
}

const started = await startWebgpu();
if (!started) console.warn('SKIPPED: fuse on webgpu in Node');

describe.skipIf(!started)('fuse on webgpu', () => {
  beforeAll(() => useEngine('cpu'));

  test.each([
    [4, [2, 9, 15]],
    [3, [1, 19, 27]],
  ])('sums and relus of %i channels are the model’s', async (channels, sides) => {
    const model = residual(channels);
    const fused = fuse(model);
    const run = async (backend: string, predict: (maps: tf.Tensor4D[]) => tf.Tensor[]) => {
      await tf.setBackend(backend);
      const maps = [1, 2, 3].map((seed) => tf.randomUniform([...sides, channels], -4, 4, 'float32', seed));
      const outputs = predict(maps as tf.Tensor4D[]);
      const values = await Promise.all(outputs.map(async (map) => Array.from(await map.data())));
      tf.dispose([maps, outputs]);
      return values;
    };
    const expected = await run('cpu', (maps) => model.predict(maps) as tf.Tensor[]);
    expect(await run('webgpu', (maps) => fused.predict(maps) as tf.Tensor[])).toEqual(expected);
    expect(await run('cpu', (maps) => fused.predict(maps) as tf.Tensor[])).toEqual(expected);
    fused.dispose();
    model.dispose();
  });

  test('the end of a residual block is one dispatch', async () => {
    await useEngine('webgpu');
    const inputs = [0, 1].map(() => tfl.input({ shape: [null, null, 8] })) as [Symbolic, Symbolic];
    const model = tfl.model({ inputs, outputs: activation(sum(...inputs), 'relu') });
    const fused = fuse(model);
    const maps = inputs.map(() => tf.ones([1, 16, 17, 8])) as tf.Tensor4D[];
    tf.dispose(fused.predict(maps));
    const { dispatches, result } = await watchGpu(() => fused.predict(maps));
    expect(dispatches).toBe(1);
    tf.dispose([maps, result]);
    fused.dispose();
    model.dispose();
  });

  /** A block whose other side is its input, and one whose both sides are convolutions, one with padding of its own. */
  function blocks(channels: number): tfl.LayersModel {
    const input = tfl.input({ shape: [null, null, channels] });
    const conv = (x: Symbolic, kernelSize: number, strides = 1) =>
      tfl.layers
        .conv2d({ filters: channels, kernelSize, strides, padding: kernelSize === 1 ? 'valid' : 'same' })
        .apply(x);
    const norm = (x: unknown) => tfl.layers.batchNormalization().apply(x as Symbolic) as Symbolic;
    const first = activation(sum(norm(conv(input, 3)), input), 'relu');
    const padded = tfl.layers
      .zeroPadding2d({
        padding: [
          [1, 0],
          [0, 1],
        ],
      })
      .apply(first) as Symbolic;
    const left = tfl.layers
      .conv2d({ filters: channels, kernelSize: 2, strides: 2 })
      .apply(padded) as Symbolic;
    return tfl.model({ inputs: input, outputs: activation(sum(left, norm(conv(first, 1, 2))), 'relu') });
  }

  test.each([8, 6])('blocks of %i channels are the model’s, one dispatch a convolution', async (channels) => {
    const model = blocks(channels);
    model.setWeights(model.getWeights().map(({ shape }, i) => tf.randomUniform(shape, 0.1, 1, 'float32', i)));
    const fused = fuse(model);
    const values = async (backend: string, predict: (x: tf.Tensor4D) => unknown) => {
      await tf.setBackend(backend);
      const x = tf.randomUniform<tf.Rank.R4>([2, 14, 16, channels], -1, 1, 'float32', 7);
      const y = predict(x) as tf.Tensor;
      const read = (await y.data()) as Float32Array;
      tf.dispose([x, y]);
      return read;
    };
    const expected = await values('cpu', (x) => model.predict(x));
    for (const backend of ['cpu', 'webgpu'])
      expect(largestDifference(await values(backend, (x) => fused.predict(x)), expected)).toBeLessThan(1e-5);
    const { dispatches } = await watchGpu(() => values('webgpu', (x) => fused.predict(x)));
    expect(dispatches).toBe(3); // a block of one convolution, one of two
    fused.dispose();
    model.dispose();
  });
});
