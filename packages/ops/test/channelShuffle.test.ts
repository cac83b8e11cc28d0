import { useEngine } from '@roikit/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { channelShuffle } from '../src';
import { nodeBackends } from './backends';
import { upstream } from './compare';

describe.each(await nodeBackends())('channelShuffle on %s', (backend) => {
  beforeAll(async () => {
    await useEngine(backend);
  });

  it('sends 0…5 in 3 groups to 0, 2, 4, 1, 3, 5 (algorithms.md §9)', async () => {
    const y = tf.tidy(() => channelShuffle(tf.tensor4d([0, 1, 2, 3, 4, 5], [1, 1, 1, 6]), { groups: 3 }));
    expect([...(await y.data())]).toEqual([0, 2, 4, 1, 3, 5]);
    y.dispose();
  });

  it('has the inverse permutation as its gradient, and leaves nothing', async () => {
    const before = tf.memory().numTensors;
    const x = upstream([2, 3, 2, 12]) as tf.Tensor4D;
    const shuffle = (x: tf.Tensor) => channelShuffle(x as tf.Tensor4D, { groups: 4 });
    const y = shuffle(x);
    const back = tf.grad(shuffle)(x, y);
    expect(await y.data()).not.toEqual(await x.data());
    expect(await back.data()).toEqual(await x.data());
    tf.dispose([x, y, back]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([0, -2, 5, 1.5])('refuses %s groups of 12 channels', (groups) => {
    const run = () => tf.tidy(() => channelShuffle(tf.zeros([1, 1, 1, 12]) as tf.Tensor4D, { groups }));
    expect(run).toThrow(/^channelShuffle: groups must divide the 12 channels of x, got/);
  });
});
