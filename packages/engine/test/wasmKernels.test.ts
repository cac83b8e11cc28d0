import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileKernels } from '../assembly/build.mjs';
import { useEngine } from '../src/index';
import { kernelModule, threadedKernelModule } from '../src/kernels/kernelModule';
import { randomTensor } from './cases';
import { largestDifference, onBackend } from './onBackend';

beforeAll(async () => {
  await useEngine('cpu');
  await useEngine('wasm');
});

/** How far wasm's result is from cpu's. */
async function differenceFromCpu(f: () => tf.Tensor): Promise<number> {
  const expected = await onBackend('cpu', f);
  return largestDifference(await onBackend('wasm', f), expected);
}

describe('the compiled module', () => {
  it('is what assembly/ compiles to', async () => {
    const compiled = await Promise.all([false, true].map((threads) => compileKernels({ threads })));
    expect([kernelModule, threadedKernelModule]).toEqual(compiled.map((binary) => binary.toString('base64')));
  });
});

describe('MaxPoolGrad', () => {
  const shapes = [
    [2, 9, 8, 3],
    [1, 7, 7, 4],
    [2, 6, 11, 13],
    [1, 1, 1, 4],
  ] as [number, number, number, number][];
  it.each(shapes)('of %i×%i×%i×%i agrees with cpu, ties included', async (...shape) => {
    for (const [size, stride] of [
      [2, 2],
      [3, 2],
      [3, 1],
    ] as const) {
      for (const pad of ['same', 'valid', 1] as const) {
        if (pad === 'valid' && shape[1] < size) continue;
        expect(
          await differenceFromCpu(() =>
            tf.tidy(() => {
              // Few different values: most windows have ties.
              const x = tf.round(tf.mul(randomTensor(shape, 4), 2)) as tf.Tensor4D;
              const pool = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, size, stride, pad);
              return tf.grad(pool)(x, randomTensor(pool(x).shape, 5));
            }),
          ),
        ).toBeLessThan(1e-6);
      }
    }
  });
});

describe('BatchMatMul', () => {
  it.each([
    [
      [5, 3],
      [3, 7],
    ],
    [
      [2, 5, 3],
      [2, 3, 4],
    ],
    [
      [2, 5, 3],
      [1, 3, 4],
    ],
    [
      [1, 5, 3],
      [4, 3, 6],
    ],
  ])('of %j and %j, each transposed or not', async (a, b) => {
    const swap = (shape: number[]) => [...shape.slice(0, -2), ...shape.slice(-2).reverse()];
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const product = () =>
          tf.tidy(() => {
            const left = randomTensor(transposeA ? swap(a) : a, 19);
            return tf.matMul(left, randomTensor(transposeB ? swap(b) : b, 20), transposeA, transposeB);
          });
        expect(await differenceFromCpu(product)).toBeLessThan(1e-6);
      }
    }
  });
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

describe('batch normalisation', () => {
  it('has the gradients that cpu has', async () => {
    const normalize = (x: tf.Tensor, offset: tf.Tensor, scale: tf.Tensor) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      return tf.batchNorm(
        x as tf.Tensor4D,
        mean as tf.Tensor1D,
        variance as tf.Tensor1D,
        offset as tf.Tensor1D,
        scale as tf.Tensor1D,
      );
    };
    for (const by of [0, 1, 2]) {
      const gradient = () =>
        tf.tidy(() => {
          const inputs = [randomTensor([2, 5, 4, 6], 15), randomTensor([6], 16), randomTensor([6], 17)];
          return tf.grads(normalize as never)(inputs, randomTensor([2, 5, 4, 6], 18))[by]!;
        });
      expect(await differenceFromCpu(gradient)).toBeLessThan(1e-5);
    }
  });
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

describe('relu and relu6', () => {
  it.each([
    ['relu', tf.relu],
    ['relu6', tf.relu6],
  ] as const)('gradient of %s', async (_, activation) => {
    const x = () => tf.mul(randomTensor([3, 7], 8), 9);
    expect(
      await differenceFromCpu(() =>
        tf.tidy(() => tf.grad((x) => activation(x))(x(), randomTensor([3, 7], 9))),
      ),
    ).toBeLessThan(1e-6);
    const edges = () => tf.tensor([-0, 0, 6, 6.0001, 1e-38, -1e-38]);
    expect(
      await differenceFromCpu(() => tf.tidy(() => tf.grad((x) => activation(x))(edges(), tf.ones([6])))),
    ).toBeLessThan(1e-6);
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
