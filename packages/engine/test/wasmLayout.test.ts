import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../src/index';
import { randomTensor } from './cases';
import { largestDifference } from './onBackend';
import { differenceFromCpu } from './differenceFromCpu';

beforeAll(async () => {
  await useEngine('cpu');
  await useEngine('wasm');
});

describe('Tile', () => {
  it.each([
    [
      [1, 1, 1, 7],
      [2, 3, 4, 1],
    ],
    [[5], [1]],
    [
      [1, 3],
      [4, 2],
    ],
    [
      [2, 1, 3],
      [1, 4, 1],
    ],
  ])('of %j by %j', async (shape, reps) => {
    expect(await differenceFromCpu(() => tf.tidy(() => tf.tile(randomTensor(shape, 14), reps)))).toBe(0);
  });
});

describe('Slice, SplitV, Concat', () => {
  it.each([
    [[7], [2], [3]],
    [
      [4, 5],
      [1, 2],
      [3, 2],
    ],
    [
      [3, 4, 5],
      [0, 1, 2],
      [2, 3, 3],
    ],
    [
      [2, 3, 4, 5],
      [1, 0, 1, 1],
      [1, 3, 2, 4],
    ],
    [
      [2, 2, 3, 2, 3],
      [0, 1, 0, 1, 1],
      [2, 1, 2, 1, 2],
    ],
    [
      [4, 5],
      [0, 0],
      [0, 5],
    ],
  ])('slice %j from %j by %j', async (shape, begin, size) => {
    expect(
      await differenceFromCpu(() => tf.tidy(() => tf.slice(randomTensor(shape, 7), begin, size))),
    ).toBeLessThan(1e-6);
    expect(
      await differenceFromCpu(() =>
        tf.tidy(() => tf.cast(tf.slice(tf.greater(randomTensor(shape, 7), 0), begin, size), 'int32')),
      ),
    ).toBeLessThan(1e-6);
  });

  it.each([0, 1, 2, 3])('concat and split along axis %i undo each other', async (axis) => {
    const shapeOf = (length: number) => [2, 3, 4, 5].with(axis, length);
    for (const backend of ['cpu', 'wasm']) {
      const parts = [1, 6, 3].map((length, i) => randomTensor(shapeOf(length), 10 + i));
      expect(await differenceFromCpu(() => tf.tidy(() => tf.concat(parts, axis)))).toBeLessThan(1e-6);
      await tf.setBackend(backend);
      const back = tf.tidy(() => tf.split(tf.concat(parts, axis), [1, 6, 3], axis));
      back.forEach((part, i) =>
        expect(largestDifference(part.dataSync<'float32'>(), parts[i]!.dataSync<'float32'>())).toBe(0),
      );
      tf.dispose([back, parts]);
    }
  });

  it('of strings and booleans still work', async () => {
    await tf.setBackend('wasm');
    const words = tf.tidy(() => tf.concat([tf.tensor(['a', 'b']), tf.tensor(['c'])]));
    expect(words.dataSync<'string'>()).toEqual(['a', 'b', 'c']);
    const flags = tf.tidy(() =>
      tf.concat([tf.tensor([true, false], [2], 'bool'), tf.tensor([true], [1], 'bool')]),
    );
    expect([...flags.dataSync()]).toEqual([1, 0, 1]);
    tf.dispose([words, flags]);
  });
});

describe('Identity', () => {
  it('shares the values and survives the original', async () => {
    await tf.setBackend('wasm');
    const before = tf.memory().numTensors;
    const a = tf.tensor([1, 2, 3]);
    const b = tf.clone(a);
    const c = tf.tidy(() => tf.engine().runKernel('Identity', { x: b }) as tf.Tensor);
    a.dispose();
    b.dispose();
    expect([...c.dataSync()]).toEqual([1, 2, 3]);
    c.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
