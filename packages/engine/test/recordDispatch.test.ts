import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useEngine } from '../src/index';
import { recordThroughCache } from '../src/webgpu/recordDispatch';
import { randomTensor } from './cases';
import { largestDifference, onBackend } from './onBackend';
import { gpuBytes, watchGpu } from './watchGpu';
import { startWebgpu } from './webgpuInNode';

const started = await startWebgpu();

/** Three dispatches and more, of which the second has a number of its own. */
function layer({ seed = 1, shape = [1, 12, 11, 8], factor = 0.25, stride = 2 } = {}): tf.Tensor {
  return tf.tidy(() => {
    const x = randomTensor(shape, seed) as tf.Tensor4D;
    const filter = randomTensor([3, 3, 8, 8], 9) as tf.Tensor4D;
    return tf.maxPool(tf.leakyRelu(tf.conv2d(x, filter, 1, 'same'), factor), 3, stride, 'same');
  });
}

/** Programs, numbers, shapes and values that differ from each other by one thing. */
const layers = [
  {},
  { factor: 0.5 },
  { seed: 2 },
  { shape: [1, 11, 12, 8] },
  { shape: [2, 6, 11, 8] },
  { stride: 1 },
];

/** Another backend on the same device, which keeps no more than so much. */
async function useSmallCache(mostKept: number): Promise<void> {
  const { constructor, device } = tf.backend() as tf.KernelBackend & { device: object };
  const Backend = constructor as new (device: object) => tf.KernelBackend;
  if (tf.findBackend('small') === null) tf.copyRegisteredKernels('webgpu', 'small');
  else tf.removeBackend('small');
  tf.registerBackend('small', () => new Backend(device));
  await tf.setBackend('small');
  recordThroughCache(tf.backend(), mostKept);
}

/** The work of one call, once its tensors are gone. */
const work = (f: () => tf.Tensor) =>
  watchGpu(async () => {
    const y = f();
    await y.data();
    y.dispose();
  });

describe.skipIf(!started)('dispatches recorded through the cache', () => {
  beforeAll(() => useEngine('cpu').then(() => undefined));
  beforeEach(() => useEngine('webgpu').then(() => undefined));

  it('make no bind group and write no uniforms once steps are equal, and buffers have gone round', async () => {
    const first = await work(layer);
    for (let i = 0; i < 8; i++) await work(layer);
    const later = await work(layer);
    expect(first.bindGroups).toBe(first.dispatches);
    expect(first.writes).toBe(first.dispatches);
    expect(later).toMatchObject({ bindGroups: 0, writes: 0, dispatches: first.dispatches });
  });

  it.each([8192, 3, 1])(
    'are told apart by program, number, shape and buffer, keeping %i',
    async (mostKept) => {
      await useSmallCache(mostKept);
      for (let round = 0; round < 3; round++) {
        for (const options of layers) {
          const expected = await onBackend('cpu', () => layer(options));
          const actual = await onBackend('small', () => layer(options));
          expect(largestDifference(actual, expected)).toBeLessThan(1e-5);
        }
      }
    },
  );

  it('keep no uniforms that never come again, and none above the bound', async () => {
    const factors = (count: number, from: number) =>
      Array.from({ length: count }, (_, i) => ({ factor: from + i / 1000 }));
    const bytesAfter = async (list: { factor: number }[]) => {
      for (const options of list) await work(() => layer(options));
      return gpuBytes('uniforms');
    };
    await gpuBytes();
    const before = await bytesAfter([...factors(3, 0.1), ...factors(3, 0.1)]);
    expect(await bytesAfter(factors(20, 0.3))).toBe(before);
    await useSmallCache(4);
    const bound = await bytesAfter([...factors(5, 0.1), ...factors(5, 0.1)]);
    expect(await bytesAfter([...factors(20, 0.5), ...factors(20, 0.5)])).toBeLessThanOrEqual(bound + 4 * 256);
  });
});
