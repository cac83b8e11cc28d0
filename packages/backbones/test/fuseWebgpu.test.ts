import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { useEngine } from '@roikit/engine';
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
});
