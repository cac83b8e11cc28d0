import { useEngine } from '@roikit/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { normalizeImage, roiAlign, roiPool, spatialPyramidPool } from '../src';

const features = () => tf.zeros([1, 3, 3, 2]) as tf.Tensor4D;
const boxes = () => tf.zeros([2, 4]) as tf.Tensor2D;
const indices = () => tf.zeros([2], 'int32') as tf.Tensor1D;

const ops = {
  roiPool: (x: tf.Tensor, b: tf.Tensor, i: tf.Tensor) =>
    roiPool(x as tf.Tensor4D, b as tf.Tensor2D, i as tf.Tensor1D, { outputSize: 2, spatialScale: 1 }),
  roiAlign: (x: tf.Tensor, b: tf.Tensor, i: tf.Tensor) =>
    roiAlign(x as tf.Tensor4D, b as tf.Tensor2D, i as tf.Tensor1D, { outputSize: 2, spatialScale: 1 }),
  spatialPyramidPool: (x: tf.Tensor, b: tf.Tensor, i: tf.Tensor) =>
    spatialPyramidPool(x as tf.Tensor4D, b as tf.Tensor2D, i as tf.Tensor1D, {
      levels: [2],
      spatialScale: 1,
    }),
};

beforeAll(async () => {
  await useEngine('cpu');
});

/** Runs in a tidy, so that a thrown error leaves nothing. */
const tidied = (f: () => tf.Tensor) => () => tf.tidy(f);

describe.each(Object.entries(ops))('%s says what is wrong', (name, op) => {
  it.each<[string, () => tf.Tensor, RegExp]>([
    [
      'rank of features',
      () => op(tf.zeros([3, 3, 2]), boxes(), indices()),
      /features must be \[N, H, W, C\].*got shape \[3, 3, 2\]/,
    ],
    [
      'dtype of features',
      () => op(tf.zeros([1, 3, 3, 2], 'int32'), boxes(), indices()),
      /features must be float32, got int32; convert/,
    ],
    [
      'rank of boxes',
      () => op(features(), tf.zeros([4]), indices()),
      /boxes must be \[R, 4\].*got shape \[4\]/,
    ],
    [
      'columns of boxes',
      () => op(features(), tf.zeros([2, 5]), indices()),
      /boxes must have 4 columns.*got 5/,
    ],
    [
      'dtype of boxes',
      () => op(features(), tf.zeros([2, 4], 'int32'), indices()),
      /boxes must be float32, got int32/,
    ],
    [
      'dtype of boxIndices',
      () => op(features(), boxes(), tf.zeros([2])),
      /boxIndices must be int32, got float32/,
    ],
    [
      'count of boxIndices',
      () => op(features(), boxes(), tf.zeros([3], 'int32')),
      /one entry per box \(2\), got 3/,
    ],
  ])('%s', (_what, call, message) => {
    expect(tidied(call)).toThrow(message);
    expect(tidied(call)).toThrow(new RegExp(`^${name}: `));
  });
});

describe('options', () => {
  const call = (size: number | [number, number], spatialScale = 1) =>
    tidied(() => roiPool(features(), boxes(), indices(), { outputSize: size, spatialScale }));

  it.each([0, -1, 1.5, NaN])('outputSize %s is refused', (size) => {
    expect(call(size)).toThrow(/^roiPool: outputSize must be a positive integer or two/);
    expect(call([2, size])).toThrow(RangeError);
  });

  it.each([0, -1, NaN, Infinity])('spatialScale %s is refused', (scale) => {
    expect(call(2, scale)).toThrow(/^roiPool: spatialScale must be a positive number/);
  });

  it.each([-1, 0.5])('samplingRatio %s is refused', (samplingRatio) => {
    const options = { outputSize: 2, spatialScale: 1, samplingRatio };
    expect(tidied(() => roiAlign(features(), boxes(), indices(), options))).toThrow(
      /^roiAlign: samplingRatio/,
    );
  });

  it.each([[[]], [[2, 0]], [[1.5]]])('levels %j are refused', (levels) => {
    const options = { levels, spatialScale: 1 };
    expect(tidied(() => spatialPyramidPool(features(), boxes(), indices(), options))).toThrow(
      /^spatialPyramidPool: levels must be positive integers/,
    );
  });
});

describe('arrays for tensors, and words that are no choice', () => {
  const pyramid = (options: object) => () =>
    tf.tidy(() =>
      spatialPyramidPool(features(), boxes(), indices(), { levels: [1], spatialScale: 1, ...options }),
    );
  it.each<[string, () => unknown]>([
    ['roiPool: features must be a tensor, [N, H, W, C], got Array; make one with tf.tensor', () => ops.roiPool([] as never, boxes(), indices())], // prettier-ignore
    ['roiAlign: boxes must be a tensor, [R, 4], got Float32Array', () => ops.roiAlign(features(), new Float32Array(4) as never, indices())], // prettier-ignore
    ['roiPool: boxIndices must be a tensor, [R], got Undefined', () => ops.roiPool(features(), boxes(), undefined as never)], // prettier-ignore
    ['spatialPyramidPool: bins must be one of adaptive, fixed, got "even"', pyramid({ bins: 'even' })],
    ["spatialPyramidPool: projection must be 'paper' or { offset0, offset } of two numbers, got \"zf5\"", pyramid({ projection: 'zf5' })], // prettier-ignore
    ['of two numbers, got {"offset0":21}', pyramid({ projection: { offset0: 21 } })],
    ['normalizeImage: order must be one of rgb, bgr, got "rbg"', () => normalizeImage({ data: new Uint8Array(3), width: 1, height: 1 }, { mean: [0, 0, 0], std: [1, 1, 1], order: 'rbg' as 'rgb' })], // prettier-ignore
  ])('%s', (message, call) => {
    expect(() => tf.tidy(() => void call())).toThrow(message);
  });
});
