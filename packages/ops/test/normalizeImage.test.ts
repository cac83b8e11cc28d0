import { useEngine } from '@roikit/engine';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { gpuBytes, watchGpu } from '../../engine/test/watchGpu';
import { startWebgpu } from '../../engine/test/webgpuInNode';
import { channelShuffle, normalizeImage } from '../src';
import { nodeBackends } from './backends';
import { maxError } from './compare';
import { imageCases, imageOf, normalizeImageTwin } from './imageCases';

const backends = [...(await nodeBackends()), ...((await startWebgpu()) ? (['webgpu'] as const) : [])];

describe.each(backends)('normalizeImage on %s', (backend) => {
  it.each(imageCases)('is its twin: $name', async (example) => {
    await useEngine(backend);
    const before = tf.memory().numTensors;
    const { width, height, options } = example;
    const input = normalizeImage(imageOf(example), options);
    const padded = options.paddedSize ?? options.size ?? { width, height };
    expect(input.shape).toEqual([1, padded.height, padded.width, 3]);
    // Stock resizing works in float32, which loses the fraction at a long side; ours, in integers, does not.
    const tolerance = example.name === 'long' && backend !== 'webgpu' ? 5e-3 : 1e-5;
    expect(maxError(await input.data(), normalizeImageTwin(example))).toBeLessThan(tolerance);
    input.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('reads bytes that begin anywhere in their buffer', async () => {
    await useEngine(backend);
    const example = imageCases[1]!;
    const image = imageOf(example);
    const larger = new Uint8Array(image.data.length + 3);
    larger.set(image.data, 1);
    const input = normalizeImage({ ...image, data: larger.subarray(1, -2) }, example.options);
    expect(maxError(await input.data(), normalizeImageTwin(example))).toBeLessThan(1e-5);
    input.dispose();
  });

  it('says how many bytes an image has', async () => {
    await useEngine(backend);
    const image = { data: new Uint8Array(20), width: 2, height: 3 };
    expect(() => normalizeImage(image, imageCases[0]!.options)).toThrow(
      'normalizeImage: image.data must hold 3 or 4 bytes a pixel (18 or 24 for 2×3), got 20',
    );
  });
});

interface Buffers {
  acquireBuffer(size: number, usage: number, mapped?: boolean, reuse?: boolean): object;
}

describe.skipIf(!backends.includes('webgpu'))('on webgpu', () => {
  const options = { ...imageCases[0]!.options, size: { width: 16, height: 11 } };
  const image = { data: new Uint8Array(33 * 25 * 3).fill(77), width: 33, height: 25 };

  it('uploads bytes as they are, in one dispatch', async () => {
    await useEngine('webgpu');
    const { bufferManager } = tf.backend() as unknown as { bufferManager: Buffers };
    const acquire = bufferManager.acquireBuffer.bind(bufferManager);
    const uploaded: number[] = [];
    bufferManager.acquireBuffer = (size, usage, mapped, reuse) => {
      if (mapped && reuse !== false) uploaded.push(size);
      return acquire(size, usage, mapped, reuse);
    };
    const { result, dispatches } = await watchGpu(() => normalizeImage(image, options));
    bufferManager.acquireBuffer = acquire;
    expect(dispatches).toBe(1);
    expect(uploaded).toEqual([Math.ceil(image.data.length / 4) * 4]);
    result.dispose();
  });

  it('keeps no tensor and no buffer of a hundred', async () => {
    await useEngine('webgpu');
    const before = [tf.memory().numTensors, await gpuBytes()];
    for (let i = 0; i < 100; i++) normalizeImage(image, options).dispose();
    expect([tf.memory().numTensors, await gpuBytes()]).toEqual(before);
  });

  it('refuses sides at which its integers would overflow', async () => {
    await useEngine('webgpu');
    const long = { data: new Uint8Array(60000 * 3), width: 60000, height: 1 };
    const size = { width: 30000, height: 1 };
    expect(() => normalizeImage(long, { ...options, size })).toThrow(
      'normalizeImage: widths before and after resizing must have a product below 2³⁰ on webgpu, got 60000 and 30000',
    );
  });
});

it('refuses options out of their range, and a tensor that is gone', async () => {
  await useEngine('cpu');
  const image = { width: 3, height: 2, data: new Uint8Array(18) };
  const half: [number, number, number] = [0.5, 0.5, 0.5];
  const act = (options: object) => () => normalizeImage(image, { mean: half, std: half, ...options });
  expect(act({ std: [0, 1, 1] })).toThrow(
    /normalizeImage: mean and std must be three numbers each, std positive; .*0,1,1/,
  );
  expect(act({ mean: [NaN, 0, 0] })).toThrow(/mean and std must be three numbers/);
  expect(act({ mean: [0, 0] })).toThrow(/mean and std must be three numbers/);
  expect(act({ size: { width: 0, height: 2 } })).toThrow(/size must be whole pixels, at least 1×1, got 0×2/);
  expect(act({ size: { width: 1.5, height: 2 } })).toThrow(/got 1\.5×2/);
  expect(act({ paddedSize: { width: 9, height: 1 } })).toThrow(
    /paddedSize must be whole pixels, at least 3×2, got 9×1/,
  );
  expect(() =>
    normalizeImage({ width: 2.5, height: 2, data: new Uint8Array(15) }, { mean: half, std: half }),
  ).toThrow('normalizeImage: image must be whole pixels, at least 1×1, got 2.5×2');
  expect(() =>
    normalizeImage({ width: 0, height: 0, data: new Uint8Array(0) }, { mean: half, std: half }),
  ).toThrow('normalizeImage: image must be whole pixels, at least 1×1, got 0×0');
  const gone = tf.ones([1, 2, 2, 4]) as tf.Tensor4D;
  gone.dispose();
  expect(() => channelShuffle(gone, { groups: 2 })).toThrow('channelShuffle: x is disposed');
});
