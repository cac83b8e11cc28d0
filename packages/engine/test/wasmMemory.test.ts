import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it, vi } from 'vitest';
import { EngineError, useEngine } from '../src/index';

beforeAll(async () => {
  await useEngine('wasm');
});

// 5 GB, which malloc would take for 1 GB; no memory is touched.
it('a tensor larger than WebAssembly can address is refused', () => {
  const { makeOutput } = tf.backend() as BackendWasm;
  expect(() => makeOutput.call(tf.backend(), [5, 2 ** 28], 'float32')).toThrow(EngineError);
  expect(() => makeOutput.call(tf.backend(), [5, 2 ** 28], 'float32')).toThrow(
    /engine 'wasm': out of memory: a tensor of 5,120 MB does not fit any more; .* Take smaller/,
  );
});

it('a tensor that the memory has no room for is refused, and what is there stays as it is', async () => {
  const there = tf.range(0, 1000);
  const { wasm } = tf.backend() as BackendWasm;
  const low = wasm.HEAPU8.slice(0, 1024); // below are no variables: where a tensor at 0 would lie
  // The memory is at its end: growing it gives nothing.
  const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementation(() => {
    throw new RangeError('Maximum memory size exceeded');
  });
  const before = tf.memory().numTensors;
  expect(() => tf.tensor1d(new Float32Array(2 ** 28).fill(1))).toThrow(/out of memory: a tensor of 1,024 MB/);
  grow.mockRestore();
  expect(tf.memory().numTensors).toBe(before);
  expect(wasm.HEAPU8.slice(0, 1024)).toEqual(low);
  expect(await there.data()).toEqual(Float32Array.from({ length: 1000 }, (_, i) => i));
  const sum = tf.sum(there);
  expect((await sum.data())[0]).toBe(499_500);
  tf.dispose([there, sum]);
});
