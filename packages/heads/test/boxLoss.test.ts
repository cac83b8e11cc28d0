import '@tensorflow/tfjs-backend-cpu';
import { alignedGeneralizedBoxIou, BoxCoder, mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { fastRCNNLoss, giouBoxLoss, giouLoss, smoothL1BoxLoss } from '../src';
import { gatherRows } from '../src/gatherRows';
import { expectClose, golden } from './golden';

const rows = (values: ArrayLike<number>, width: number) =>
  tf.tensor2d(Float32Array.from(values), [values.length / width, width]);

describe('giouLoss', () => {
  const { boxes, targets, loss, gradient } = golden.giou;

  test("torchvision's loss and gradient", () => {
    expect(giouLoss(rows(boxes, 4), rows(targets, 4)).dataSync()[0]).toBeCloseTo(loss, 4);
    const got = tf.grad((x: tf.Tensor) => giouLoss(x as tf.Tensor2D, rows(targets, 4)))(rows(boxes, 4));
    expectClose(got.dataSync(), gradient, 1e-5);
  });

  test('is 1 − GIoU of the decoded boxes, with gradients by finite differences', () => {
    const random = mulberry32(2);
    const coder = new BoxCoder({ weights: [10, 10, 5, 4] });
    const references = Float32Array.of(3, 4, 33, 24, 50, 10, 60, 70, 0, 0, 20, 9);
    const predicted = Float32Array.from({ length: 12 }, () => random() * 4 - 2);
    const target = Float32Array.from({ length: 12 }, () => random() * 4 - 2);
    const twin = (offsets: Float32Array) =>
      alignedGeneralizedBoxIou(coder.decode(offsets, references), coder.decode(target, references)).reduce(
        (sum, value) => sum + 1 - value,
        0,
      );
    const boxLoss = giouBoxLoss({ coder });
    const loss = (x: tf.Tensor) => boxLoss(x as tf.Tensor2D, rows(target, 4), references);
    expect(loss(rows(predicted, 4)).dataSync()[0]).toBeCloseTo(twin(predicted), 4);
    const gradient = tf.grad(loss)(rows(predicted, 4)).dataSync();
    const nudged = (i: number, by: number) => predicted.map((v, j) => (j === i ? v + by : v));
    gradient.forEach((value, i) => {
      expect(value).toBeCloseTo((twin(nudged(i, 0.01)) - twin(nudged(i, -0.01))) / 0.02, 3);
    });
  });

  test("decoding stops at the coder's clip", () => {
    const coder = new BoxCoder({ bboxXformClip: 1 });
    const reference = Float32Array.of(0, 0, 10, 20);
    const value = (log: number) =>
      giouBoxLoss({ coder })(rows([0, 0, log, 0], 4), rows([0, 0, 1, 0], 4), reference).dataSync()[0]!;
    expect(value(5)).toBeCloseTo(0, 5);
    expect(value(0)).toBeGreaterThan(0.5);
  });
});

describe('fastRCNNLoss with a box loss', () => {
  const { logits, offsets, labels, boxTargets, losses, logitsGradient, offsetsGradient } = golden.headLoss;
  const targets = { labels: Int32Array.from(labels), boxTargets: Float32Array.from(boxTargets) };

  test("torchvision's Faster R-CNN losses and gradients (β = 1/9)", () => {
    const total = (s: tf.Tensor, o: tf.Tensor) => {
      const parts = fastRCNNLoss(s as tf.Tensor2D, o as tf.Tensor2D, targets, { beta: 1 / 9 });
      return tf.add(parts.classification, parts.boxRegression);
    };
    const got = fastRCNNLoss(rows(logits, 4), rows(offsets, 16), targets, {
      boxLoss: smoothL1BoxLoss({ beta: 1 / 9 }),
    });
    expect(got.classification.dataSync()[0]).toBeCloseTo(losses[0], 5);
    expect(got.boxRegression.dataSync()[0]).toBeCloseTo(losses[1], 5);
    const [first, second] = tf.grads(total)([rows(logits, 4), rows(offsets, 16)]);
    expectClose(first!.dataSync(), logitsGradient, 1e-5);
    expectClose(second!.dataSync(), offsetsGradient, 1e-5);
  });

  test('gives it the foreground alone: own offsets, targets and regions', () => {
    const boxes = Float32Array.from({ length: 36 }, (_, i) => i);
    const seen: number[][] = [];
    fastRCNNLoss(
      rows(logits, 4),
      rows(offsets, 16),
      { ...targets, boxes },
      {
        boxLoss: (predicted, target, references) => {
          seen.push([...predicted.dataSync()], [...target.dataSync()], [...references]);
          return tf.scalar(0);
        },
      },
    );
    const foreground = [1, 2, 4, 5, 8];
    expect(seen).toEqual([
      foreground.flatMap((r) => offsets.slice(16 * r + 4 * labels[r]!, 16 * r + 4 * labels[r]! + 4)),
      foreground.flatMap((r) => boxTargets.slice(4 * r, 4 * r + 4)),
      foreground.flatMap((r) => [4 * r, 4 * r + 1, 4 * r + 2, 4 * r + 3]),
    ]);
  });

  test.each([
    [8, 36],
    [9, 32],
  ])('%i labels and %i numbers of targets do not fit 9 regions', (count, numbers) => {
    const wrong = { labels: new Int32Array(count), boxTargets: new Float32Array(numbers) };
    expect(() => fastRCNNLoss(rows(logits, 4), rows(offsets, 16), wrong)).toThrow(
      `labels and boxTargets must have [R] = [9] and [R, 4] = 36 entries, got ${count} and ${numbers}`,
    );
  });

  test('background alone costs no box, and its gradient is zero', () => {
    const background = { labels: new Int32Array(9), boxTargets: new Float32Array(36) };
    const loss = (o: tf.Tensor) => fastRCNNLoss(rows(logits, 4), o as tf.Tensor2D, background).boxRegression;
    expect(loss(rows(offsets, 16)).dataSync()[0]).toBe(0);
    expect(tf.max(tf.abs(tf.grad(loss)(rows(offsets, 16)))).dataSync()[0]).toBe(0);
  });
});

test('gatherRows: the rows, and a gradient that goes back to them', () => {
  const x = tf.tensor3d(
    Array.from({ length: 24 }, (_, i) => i),
    [4, 3, 2],
  );
  const indices = Int32Array.of(3, 0);
  expect(Array.from(gatherRows(x, indices).dataSync())).toEqual([18, 19, 20, 21, 22, 23, 0, 1, 2, 3, 4, 5]);
  const gradient = tf.grad((v: tf.Tensor) => tf.sum(tf.square(gatherRows(v, indices))))(x);
  const expected = Array.from({ length: 24 }, (_, i) => (i < 6 || i >= 18 ? 2 * i : 0));
  expect(Array.from(gradient.dataSync())).toEqual(expected);
});
