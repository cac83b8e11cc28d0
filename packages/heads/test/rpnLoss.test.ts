import { useEngine } from '@roikit/engine';
import { BoxCoder } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { giouBoxLoss, rpnLoss, type AnchorTargets } from '../src';
import { nodeBackends } from './backends';
import { expectClose, golden } from './golden';

const { proposals, training } = golden;
const count = proposals.objectness.length;
const reversed = <T>(values: T[], width: number) =>
  Array.from({ length: values.length / width }, (_, i) => values.slice(width * i, width * (i + 1)))
    .toReversed()
    .flat();
const objectness = () => {
  const rounded = proposals.objectness.map((v) => Math.round(v * 64) / 64);
  return tf.tensor2d([...rounded, ...reversed(rounded, 1)], [2, count]);
};
const offsets = () => tf.tensor3d([...proposals.offsets, ...reversed(proposals.offsets, 4)], [2, count, 4]);
const positive = Int32Array.from(training.positive);
const targets: AnchorTargets[] = [
  {
    positive,
    negative: Int32Array.from(training.negative),
    boxTargets: Float32Array.from(training.boxTargets),
    positiveAnchors: Float32Array.from(
      training.positive.flatMap((i) => proposals.anchors.slice(4 * i, 4 * i + 4)),
    ),
  },
  {
    positive: new Int32Array(0),
    negative: Int32Array.from(training.otherNegative),
    boxTargets: new Float32Array(0),
    positiveAnchors: new Float32Array(0),
  },
];

describe.each(await nodeBackends())('rpnLoss on %s', (backend) => {
  beforeAll(async () => {
    await useEngine(backend);
  });

  test("torchvision's losses, over two images", () => {
    const got = rpnLoss(objectness(), offsets(), targets);
    expect(got.objectness.dataSync()[0]).toBeCloseTo(training.losses[0], 5);
    expect(got.boxRegression.dataSync()[0]).toBeCloseTo(training.losses[1], 5);
  });

  test("torchvision's gradients, zero for anchors that were not drawn", () => {
    const total = (a: tf.Tensor, b: tf.Tensor) => {
      const parts = rpnLoss(a as tf.Tensor2D, b as tf.Tensor3D, targets);
      return tf.add(parts.objectness, tf.mul(3, parts.boxRegression));
    };
    const [logits, boxes] = tf.grads(total)([objectness(), offsets()]);
    const nonZero = Array.from(logits!.dataSync()).filter((v) => v !== 0);
    expectClose(nonZero, training.objectnessGradient, 1e-5);
    const values = boxes!.dataSync();
    const drawn = training.positive.flatMap((i) => Array.from(values.subarray(4 * i, 4 * i + 4)));
    expectClose(drawn, training.offsetsGradient, 1e-5);
    expect(values.filter((v) => v !== 0).length).toBe(drawn.filter((v) => v !== 0).length);
  });

  test('beta and a box loss of another kind are passed on', () => {
    const value = (options: object) =>
      rpnLoss(objectness(), offsets(), targets, options).boxRegression.dataSync()[0]!;
    expect(value({ beta: 1 / 9 })).toBe(value({}));
    expect(value({ beta: 2 })).toBeLessThan(value({}));
    const drawn = 2 * positive.length; // any known sum: each box costs 2 here
    const two = () => tf.scalar(drawn);
    const all = positive.length + training.negative.length + training.otherNegative.length;
    expect(value({ boxLoss: two })).toBeCloseTo(drawn / all, 6);
    expect(value({ boxLoss: giouBoxLoss({ coder: new BoxCoder() }) })).toBeGreaterThan(0);
  });

  test('no object anywhere: no box loss, gradients of zero; nothing drawn is an error', () => {
    const background = [targets[1]!, targets[1]!];
    const { boxRegression } = rpnLoss(objectness(), offsets(), background);
    expect(boxRegression.dataSync()[0]).toBe(0);
    const gradient = tf.grad(
      (b: tf.Tensor) => rpnLoss(objectness(), b as tf.Tensor3D, background).boxRegression,
    );
    expect(tf.max(tf.abs(gradient(offsets()))).dataSync()[0]).toBe(0);
    const nothing = { ...targets[1]!, negative: new Int32Array(0) };
    expect(() => rpnLoss(objectness(), offsets(), [nothing, nothing])).toThrow(
      'rpnLoss: targets must be one per image',
    );
    expect(() => rpnLoss(objectness(), offsets(), targets.slice(1))).toThrow(
      '(2), with an anchor drawn; got 1',
    );
  });

  test('leaves nothing but its two scalars, and gradients nothing but themselves', () => {
    const [a, b] = [objectness(), offsets()];
    const before = tf.memory().numTensors;
    const parts = rpnLoss(a, b, targets);
    expect(tf.memory().numTensors).toBe(before + 2);
    tf.dispose([parts.objectness, parts.boxRegression]);
    const gradients = tf.grads((x: tf.Tensor, y: tf.Tensor) => {
      const { objectness: first, boxRegression } = rpnLoss(x as tf.Tensor2D, y as tf.Tensor3D, targets);
      return tf.add(first, boxRegression);
    })([a, b]);
    expect(tf.memory().numTensors).toBe(before + 2);
    tf.dispose(gradients);
  });
});
