import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../src/index';
import { randomTensor } from './cases';
import { differenceFromCpu } from './differenceFromCpu';

beforeAll(async () => {
  await useEngine('cpu');
  await useEngine('wasm');
});

describe('Sum and Mean', () => {
  it.each([
    [
      [2, 3, 4, 33],
      [0, 1, 2],
    ],
    [[5000, 18], [0]],
    [[3, 4], [1]],
    [
      [3, 4, 5],
      [0, 2],
    ],
    [[7], [0]],
  ])('of %j over %j', async (shape, axes) => {
    expect(await differenceFromCpu(() => tf.tidy(() => tf.sum(randomTensor(shape, 6), axes)))).toBeLessThan(
      1e-6,
    );
    expect(
      await differenceFromCpu(() => tf.tidy(() => tf.sum(randomTensor(shape, 6), axes, true))),
    ).toBeLessThan(1e-6);
  });

  it('of a long column is right to 2e-5, where adding one by one is off by 1e-3', async () => {
    await tf.setBackend('wasm');
    const column = tf.tidy(() => tf.mul(tf.ones([300_000, 1]), 0.1));
    const sum = tf.sum(column, 0);
    const [total] = sum.dataSync();
    tf.dispose([column, sum]);
    expect(Math.abs(total! / 30_000 - 1)).toBeLessThan(2e-5);
  });

  it('of int32 stays int32', async () => {
    expect(
      await differenceFromCpu(() =>
        tf.tidy(() =>
          tf.sum(
            tf.tensor(
              [
                [1, 2],
                [3, 4],
              ],
              [2, 2],
              'int32',
            ),
            0,
          ),
        ),
      ),
    ).toBeLessThan(1e-6);
  });
});

describe('UnsortedSegmentSum', () => {
  it.each([
    [[5], [0, 2, 2, -1, 9]],
    [
      [5, 4],
      [1, 1, 1, 0, 3],
    ],
    [
      [2, 3, 2],
      [1, 0],
    ],
  ])('of %j by %j', async (shape, ids) => {
    const segments = () => tf.tensor1d(ids, 'int32');
    expect(
      await differenceFromCpu(() =>
        tf.tidy(() => tf.unsortedSegmentSum(randomTensor(shape, 11), segments(), 4)),
      ),
    ).toBeLessThan(1e-6);
  });

  it("gives gather's gradient", async () => {
    const rows = () => tf.tensor1d([3, 0, 3, 1], 'int32');
    const gather = (x: tf.Tensor) => tf.gather(x, rows());
    expect(
      await differenceFromCpu(() =>
        tf.tidy(() => tf.grad(gather)(randomTensor([4, 3], 12), randomTensor([4, 3], 13))),
      ),
    ).toBeLessThan(1e-6);
  });
});
