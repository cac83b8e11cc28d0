import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { useTestEngine } from '../../engine/test/testEngine';
import { linearPart } from '../src/head/linearPart';

beforeAll(useTestEngine);

const classifiers = [
  { weights: Float32Array.of(1, -2, 3), bias: 0.5 },
  { weights: Float32Array.of(-4, 5, 6), bias: -7 },
];
const regressors = [1, 2].map((k) => ({
  weights: Float32Array.from({ length: 8 }, (_, i) => k * (i - 3)), // [2, 4]
  bias: Float32Array.of(k, 2 * k, 3 * k, 4 * k),
}));

test('what is fitted is stored under the names and shapes of the format, and read from there', async () => {
  const part = linearPart(2, { classifiers: 3, regressors: 2 });
  part.setClassifiers(classifiers);
  part.setRegressors(regressors);
  const state = await part.stateDict();
  expect([...state].map(([name, { dtype, shape, data }]) => [name, dtype, shape, [...data]])).toEqual([
    ['svm.weight', 'float32', [2, 3], [1, -2, 3, -4, 5, 6]],
    ['svm.bias', 'float32', [2], [0.5, -7]],
    ['bbox.weight', 'float32', [2, 2, 4], [-3, -2, -1, 0, 1, 2, 3, 4, -6, -4, -2, 0, 2, 4, 6, 8]],
    ['bbox.bias', 'float32', [2, 4], [1, 2, 3, 4, 2, 4, 6, 8]],
  ]);
  const other = linearPart(2, { classifiers: 3, regressors: 2 });
  other.load(state);
  expect(await other.stateDict()).toEqual(state);
  part.dispose();
  other.dispose();
});

test('margins are w · x + b; without regressors there are none to store', async () => {
  const part = linearPart(2, { classifiers: 3 });
  expect([...(await part.stateDict()).keys()]).toEqual(['svm.weight', 'svm.bias']);
  part.setClassifiers(classifiers);
  const features = tf.tensor2d([1, 1, 1, 2, 0, -1], [2, 3]);
  const { scores } = tf.tidy(() => part.predict(features));
  expect(scores.arraySync().map((row) => row.slice(-2))).toEqual([
    [2.5, 0],
    [-0.5, -21],
  ]);
  tf.dispose([features, scores]);
  part.dispose();
});

test.each([
  ['svm.bias', [1], 'svm.bias must be [2], got [1]'],
  ['bbox.weight', [2, 8], 'bbox.weight must be [2, 2, 4], got [2, 8]'],
  ['svm.weight', undefined, 'svm.weight must be [2, 3], got nothing'],
])('%s of shape %j is refused', async (name, shape, message) => {
  const part = linearPart(2, { classifiers: 3, regressors: 2 });
  const state = await part.stateDict();
  if (shape === undefined) state.delete(name);
  else state.set(name, { ...state.get(name)!, shape });
  expect(() => part.load(state)).toThrow(message);
  part.dispose();
});
