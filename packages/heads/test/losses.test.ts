import '@tensorflow/tfjs-backend-cpu';
import { mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { fastRCNNLoss, smoothL1Loss } from '../src';

const random = mulberry32(1);
const normal = (count: number, scale = 1) =>
  Float32Array.from({ length: count }, () => scale * (random() + random() + random() - 1.5));

test('smoothL1Loss: published values (algorithms.md §9)', () => {
  const loss = (x: number, beta: number) => smoothL1Loss(tf.scalar(x), tf.scalar(0), { beta }).dataSync()[0];
  expect(loss(0.5, 1)).toBeCloseTo(0.125, 6);
  expect(loss(-1, 1)).toBeCloseTo(0.5, 6);
  expect(loss(2, 1)).toBeCloseTo(1.5, 6);
  expect(loss(1 / 9, 1 / 9)).toBeCloseTo(0.05556, 5); // σ = 3 is beta = 1/9
});

test('smoothL1Loss: beta is 1 by default, and the sum is over all elements', () => {
  const [a, b] = [tf.tensor2d([0.5, 2, -1], [1, 3]), tf.zeros([1, 3])];
  expect(smoothL1Loss(a, b).dataSync()[0]).toBeCloseTo(0.125 + 1.5 + 0.5, 6);
});

/** Fast R-CNN Eq. 1, written out. */
function naiveLoss(
  scores: Float32Array,
  offsets: Float32Array,
  labels: Int32Array,
  targets: Float32Array,
  beta = 1,
) {
  const columns = scores.length / labels.length;
  let classification = 0;
  let boxRegression = 0;
  labels.forEach((label, r) => {
    const row = scores.slice(r * columns, (r + 1) * columns);
    const sum = row.reduce((total, s) => total + Math.exp(s), 0);
    classification -= Math.log(Math.exp(row[label]!) / sum);
    if (label === 0) return;
    for (let i = 0; i < 4; i++) {
      const d = Math.abs(offsets[(r * columns + label) * 4 + i]! - targets[4 * r + i]!);
      boxRegression += d < beta ? (0.5 * d * d) / beta : d - 0.5 * beta;
    }
  });
  return { classification: classification / labels.length, boxRegression: boxRegression / labels.length };
}

const labels = Int32Array.of(0, 2, 1, 0, 3, 2);
const scores = normal(6 * 4);
const offsets = normal(6 * 16, 2);
const targets = normal(6 * 4);

test.each([undefined, 1 / 9, 2.5])('fastRCNNLoss agrees with Eq. 1 written out, beta %s', (beta) => {
  const expected = naiveLoss(scores, offsets, labels, targets, beta ?? 1);
  const got = fastRCNNLoss(
    tf.tensor2d(scores, [6, 4]),
    tf.tensor2d(offsets, [6, 16]),
    { labels, boxTargets: targets },
    { beta },
  );
  expect(got.classification.dataSync()[0]).toBeCloseTo(expected.classification, 5);
  expect(got.boxRegression.dataSync()[0]).toBeCloseTo(expected.boxRegression, 5);
});

test('fastRCNNLoss leaves nothing but its two scalars, and gradients through it nothing but themselves', () => {
  const [s, o] = [tf.tensor2d(scores, [6, 4]), tf.tensor2d(offsets, [6, 16])];
  const before = tf.memory().numTensors;
  const { classification, boxRegression } = fastRCNNLoss(s, o, { labels, boxTargets: targets });
  expect(tf.memory().numTensors).toBe(before + 2);
  tf.dispose([classification, boxRegression]);
  const gradients = tf.grads((a: tf.Tensor, b: tf.Tensor) => {
    const parts = fastRCNNLoss(a as tf.Tensor2D, b as tf.Tensor2D, { labels, boxTargets: targets });
    return tf.add(parts.classification, parts.boxRegression);
  })([s, o]);
  expect(tf.memory().numTensors).toBe(before + 2);
  tf.dispose(gradients);
});

test('fastRCNNLoss: gradients agree with finite differences of the naive loss', () => {
  const total = (s: Float32Array, o: Float32Array) => {
    const { classification, boxRegression } = naiveLoss(s, o, labels, targets);
    return classification + boxRegression;
  };
  const gradient = tf.grads((s: tf.Tensor, o: tf.Tensor) => {
    const parts = fastRCNNLoss(s as tf.Tensor2D, o as tf.Tensor2D, { labels, boxTargets: targets });
    return tf.add(parts.classification, parts.boxRegression);
  });
  const [gradScores, gradOffsets] = gradient([tf.tensor2d(scores, [6, 4]), tf.tensor2d(offsets, [6, 16])]);
  const step = 1e-3;
  const nudge = (values: Float32Array, i: number, by: number) => values.map((v, j) => (j === i ? v + by : v));
  const differences = (values: Float32Array, f: (v: Float32Array) => number) =>
    Float32Array.from(
      values,
      (_, i) => (f(nudge(values, i, step)) - f(nudge(values, i, -step))) / (2 * step),
    );
  const close = (got: tf.Tensor | undefined, expected: Float32Array) =>
    got!.dataSync().forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-3));
  close(
    gradScores,
    differences(scores, (s) => total(s, offsets)),
  );
  close(
    gradOffsets,
    differences(offsets, (o) => total(scores, o)),
  );
});

test('fastRCNNLoss: lambda scales the box part, lengths must fit', () => {
  const [s, o] = [tf.tensor2d(scores, [6, 4]), tf.tensor2d(offsets, [6, 16])];
  const one = fastRCNNLoss(s, o, { labels, boxTargets: targets });
  const three = fastRCNNLoss(s, o, { labels, boxTargets: targets }, { lambda: 3 });
  expect(three.boxRegression.dataSync()[0]).toBeCloseTo(3 * one.boxRegression.dataSync()[0]!, 5);
  expect(() => fastRCNNLoss(s, o, { labels: labels.slice(1), boxTargets: targets })).toThrow(
    /fastRCNNLoss: .*got 5/,
  );
});
