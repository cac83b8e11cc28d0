import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileKernels } from '../assembly/build.mjs';
import { useEngine } from '../src/index';
import { kernelModule, threadedKernelModule } from '../src/kernels/kernelModule';
import { randomTensor } from './cases';
import { differenceFromCpu } from './differenceFromCpu';

beforeAll(async () => {
  await useEngine('cpu');
  await useEngine('wasm');
});

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
