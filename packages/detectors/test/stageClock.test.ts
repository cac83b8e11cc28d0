import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, expect, test, vi } from 'vitest';
import { StageClock } from '../src/stageClock';

afterEach(() => vi.restoreAllMocks());

test('a stage’s time is from the end of the one before, and added to what it has', async () => {
  const times = [10, 15, 40, 41.5];
  vi.spyOn(performance, 'now').mockImplementation(() => times.shift()!);
  const clock = new StageClock();
  for (const stage of ['regions', 'head', 'regions']) await clock.lap(stage);
  expect(clock.timings).toEqual({ regions: 5 + 1.5, head: 25 });
});

/** Names the CPU's backend as if it had a queue, and tells how often something was read from it. */
async function queued(): Promise<() => number> {
  let reads = 0;
  class Queued extends MathBackendCPU {
    override read(...args: Parameters<MathBackendCPU['read']>) {
      reads++;
      return super.read(...args);
    }
  }
  for (const kernel of tf.getKernelsForBackend('cpu')) tf.registerKernel({ ...kernel, backendName: 'webgl' });
  tf.registerBackend('webgl', () => new Queued());
  await tf.setBackend('webgl');
  return () => reads;
}

test('a GPU’s queue is drained at each stage’s end, unless the caller wants no exact times', async () => {
  const reads = await queued();
  const map = tf.ones([2, 3]);
  try {
    const inexact = new StageClock({ exact: false });
    await inexact.lap('backbone', map);
    expect(reads()).toBe(0);
    expect(inexact.timings).toHaveProperty('backbone');
    const tensors = tf.memory().numTensors;
    await new StageClock().lap('backbone', map);
    await new StageClock({ exact: true }).lap('backbone', map);
    expect(reads()).toBe(2);
    expect(tf.memory().numTensors).toBe(tensors);
  } finally {
    map.dispose();
    tf.removeBackend('webgl');
  }
});
