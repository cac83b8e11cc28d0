import '@tensorflow/tfjs-backend-cpu';
import { mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { fastRCNNHead } from '../src';

test("fastRCNNHead: torchvision's layer names, shapes and parameter count", () => {
  const head = fastRCNNHead({
    numClasses: 3,
    inputShape: [7, 7, 8],
    hidden: [64, 32],
    random: mulberry32(1),
  });
  const names = head.layers.map((layer) => layer.name).filter((name) => /^(fc|cls|bbox)/.test(name));
  expect(names).toEqual(['fc6', 'fc7', 'cls_score', 'bbox_pred']);
  expect(head.outputs.map(({ shape }) => shape)).toEqual([
    [null, 4],
    [null, 16],
  ]);
  expect(head.countParams()).toBe(7 * 7 * 8 * 64 + 64 + 64 * 32 + 32 + 33 * 4 + 33 * 16);
  head.dispose();
});

test("fastRCNNHead: the siblings start at the paper's standard deviations, the same for the same seed", () => {
  const weights = (seed: number) => {
    const head = fastRCNNHead({
      numClasses: 9,
      inputShape: [3, 3, 16],
      hidden: [256],
      random: mulberry32(seed),
    });
    const values = ['cls_score', 'bbox_pred'].map((name) => head.getLayer(name).getWeights()[0]!.dataSync());
    head.dispose();
    return values;
  };
  const deviation = (values: ArrayLike<number>) =>
    Math.sqrt(Array.from(values).reduce((sum, v) => sum + v * v, 0) / values.length);
  const [cls, bbox] = weights(1);
  expect(deviation(cls!)).toBeCloseTo(0.01, 3);
  expect(deviation(bbox!)).toBeCloseTo(0.001, 4);
  expect(weights(1)).toEqual([cls, bbox]);
  expect(weights(2)).not.toEqual([cls, bbox]);
});

test('fastRCNNHead: dropout acts in training only', () => {
  const head = fastRCNNHead({
    numClasses: 2,
    inputShape: [2, 2, 4],
    hidden: [512],
    dropout: 0.5,
    random: mulberry32(1),
  });
  const input = tf.ones([1, 2, 2, 4]);
  const scores = (training: boolean) => (head.apply(input, { training }) as tf.Tensor[])[0]!.dataSync();
  expect(scores(false)).toEqual(scores(false));
  expect(scores(true)).not.toEqual(scores(false));
  head.dispose();
});

test('fastRCNNHead: no class is an error', () => {
  const options = { numClasses: 0, inputShape: [7, 7, 8] as [number, number, number], random: mulberry32(1) };
  expect(() => fastRCNNHead(options)).toThrow(
    'fastRCNNHead: numClasses must be an integer of at least 1, got 0',
  );
});
