import { BoxCoder } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, test } from 'vitest';
import {
  assignLevels,
  BoxRidgeRegression,
  fastRCNNLoss,
  postprocessDetections,
  smoothL1Loss,
  softmaxLoss,
  truncatedSvd,
} from '../src';

// What once gave NaN, nothing at all, or an error of a library beneath.

beforeAll(async () => void (await tf.setBackend('cpu')));

const loss = (labels: number[], { rows = labels.length, width = 12 } = {}) =>
  tf.tidy(() =>
    fastRCNNLoss(tf.ones([rows, 3]), tf.ones([rows, width]), {
      labels: Int32Array.from(labels),
      boxTargets: new Float32Array(4 * rows),
    }),
  );

test.each([
  ['no region', () => loss([]), /fastRCNNLoss: labels .* 1 region or more, got 0 for 0 regions/],
  ['a class that is not there', () => loss([0, 3]), /fastRCNNLoss: labels must be one from 0 to 2 .*, got 3/],
  ['a negative label', () => loss([0, -1]), /fastRCNNLoss: labels must be one from 0 to 2 .*, got -1/],
  [
    'boxes of fewer classes',
    () => loss([0, 1], { width: 8 }),
    /bboxPred must be \[R, 4\(K \+ 1\)\] = \[2, 12\], got \[2,8\]/,
  ],
  [
    'no region',
    () => tf.tidy(() => softmaxLoss(tf.ones([0, 3]), new Int32Array(0))),
    /softmaxLoss: .*got 0 for 0/,
  ],
  [
    'offsets and targets of other shapes',
    () => tf.tidy(() => smoothL1Loss(tf.ones([2, 4]), tf.ones([1, 4]))),
    /smoothL1Loss: predicted and target must have one shape, got \[2,4\] and \[1,4\]/,
  ],
])('a loss of %s is refused, and nothing is left', (_, act, message) => {
  const before = tf.memory().numTensors;
  expect(act).toThrow(message);
  expect(tf.memory().numTensors).toBe(before);
});

test.each([
  [8, 3, 12],
  [8, 4, 12],
  [7, 4, 16],
])('%i numbers of proposals, %i scores and %i offsets do not fit', (proposals, scores, offsets) => {
  const predictions = {
    proposals: new Float32Array(proposals),
    scores: new Float32Array(scores).fill(0.9),
    boxOffsets: new Float32Array(offsets),
    imageSize: { width: 9, height: 9 },
  };
  expect(() => postprocessDetections(predictions, { coder: new BoxCoder() })).toThrow(
    `got ${proposals}, ${scores} and ${offsets} numbers`,
  );
});

test.each([
  ['maxDetections', NaN],
  ['maxDetections', -1],
  ['maxDetections', 2.5],
  ['maxPerClass', NaN],
  ['scoreThreshold', NaN],
  ['minSize', NaN],
] as const)('a limit that would leave nothing, or another number: %s of %d', (name, value) => {
  const predictions = {
    proposals: Float32Array.of(0, 0, 5, 5),
    scores: Float32Array.of(0, 0.9),
    boxOffsets: new Float32Array(8),
    imageSize: { width: 9, height: 9 },
  };
  for (const softNms of [undefined, { method: 'linear' } as const]) {
    const options = { coder: new BoxCoder(), softNms, [name]: value };
    expect(() => postprocessDetections(predictions, options)).toThrow(
      new RegExp(`^postprocessDetections: ${name} must be .*, got ${value}`),
    );
  }
});

test('levels that are upside down, boxes of three numbers', () => {
  const act = (count: number, minLevel: number) => () =>
    assignLevels(new Float32Array(count), { minLevel, maxLevel: 4 });
  expect(act(4, 5)).toThrow(/assignLevels: .* got 4 numbers and levels 5 to 4/);
  expect(act(3, 2)).toThrow(/assignLevels: .* got 3 numbers/);
});

test('a regression or a decomposition of what is not finite', () => {
  const add = (features: number[], targets: number[]) => () =>
    new BoxRidgeRegression({ dimensions: 2 }).add(Float32Array.from(features), Float32Array.from(targets));
  expect(add([1, NaN], [0, 0, 0, 0])).toThrow(/add: features and targets must be finite/);
  expect(add([1, 2], [0, Infinity, 0, 0])).toThrow(/add: features and targets must be finite/);
  expect(add([1, 2], [0, 0, 0])).toThrow(/add: features must be/);
  expect(() => truncatedSvd(Float32Array.of(1, NaN, 3, 4), { rows: 2, columns: 2, rank: 1 })).toThrow(
    'truncatedSvd: weights must be finite, got NaN at 1',
  );
});
