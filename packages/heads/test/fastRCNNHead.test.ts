import '@tensorflow/tfjs-backend-cpu';
import { mulberry32 } from '@roikit/geometry';
import { setDropoutRandom } from '@roikit/ops/layers';
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

/** A head whose class scores are the mean of what dropout leaves of fc6's ones. */
function meanOfHidden(options: { dropout?: number; random?: () => number }) {
  const head = fastRCNNHead({ numClasses: 2, inputShape: [2, 3, 4], hidden: [4000], ...options });
  const setWeights = (name: string, kernel: tf.Tensor, bias: tf.Tensor) =>
    head.getLayer(name).setWeights([kernel, bias]);
  setWeights('fc6', tf.zeros([24, 4000]), tf.ones([4000]));
  setWeights('cls_score', tf.mul(tf.ones([4000, 3]), 1 / 4000), tf.zeros([3]));
  const input = tf.zeros([1, 2, 3, 4]);
  const mean = (training: boolean) => (head.apply(input, { training }) as tf.Tensor[])[0]!.dataSync()[0]!;
  return { head, mean };
}

test('fastRCNNHead: dropout keeps the mean, another mask each step, the same steps for the same generator', () => {
  const steps = () => {
    const { head, mean } = meanOfHidden({ dropout: 0.3, random: mulberry32(1) });
    const values = [mean(true), mean(true), mean(true)];
    head.dispose();
    return values;
  };
  const values = steps();
  expect(new Set(values).size).toBe(3);
  for (const value of values) expect(value).toBeCloseTo(1, 1); // deviation √(.3 / .7 / 4000) = .01
  expect(steps()).toEqual(values);
});

test('fastRCNNHead: a rate of .3 drops 30 %, and nothing outside training', () => {
  const { head, mean } = meanOfHidden({ dropout: 0.3, random: mulberry32(2) });
  const survivors = mean(true) * 4000 * 0.7; // each survivor is 1 / .7
  expect(survivors).toBeCloseTo(Math.round(survivors), 1);
  expect(Math.abs(survivors / 4000 - 0.7)).toBeLessThan(0.03); // 4 deviations
  expect(mean(false)).toBeCloseTo(1, 4);
  head.dispose();
});

test('fastRCNNHead: by default one hidden layer of 1024 and no dropout', () => {
  const head = fastRCNNHead({ numClasses: 2, inputShape: [2, 3, 4], random: mulberry32(1) });
  expect(head.getLayer('fc6').outputShape).toEqual([null, 1024]);
  expect(head.layers.map(({ name }) => name).filter((name) => name.startsWith('fc'))).toEqual(['fc6']);
  const input = tf.ones([1, 2, 3, 4]);
  const scores = (training: boolean) => (head.apply(input, { training }) as tf.Tensor[])[0]!.dataSync();
  expect(scores(true)).toEqual(scores(false));
  head.dispose();
});

test('fastRCNNHead: without a generator kernels are zero, and dropout asks for one before it trains', () => {
  const { head, mean } = meanOfHidden({ dropout: 0.3 });
  expect(tf.max(tf.abs(head.getLayer('bbox_pred').getWeights()[0]!)).dataSync()[0]).toBe(0);
  expect(() => mean(true)).toThrow('call setDropoutRandom(model, random) first');
  setDropoutRandom(head, mulberry32(3));
  expect(mean(true)).not.toEqual(mean(true));
  head.dispose();
});

test.each([-0.1, 1, NaN])('fastRCNNHead: a dropout of %f is an error', (dropout) => {
  const options = { numClasses: 1, inputShape: [7, 7, 8] as [number, number, number], dropout };
  expect(() => fastRCNNHead(options)).toThrow(`fastRCNNHead: dropout must be in [0, 1), got ${dropout}`);
});

test.each([
  [{ fc8: 2 }, 'ranks must name hidden layers (fc6, fc7) with a whole number from 1 on each, got fc8: 2'],
  [{ fc6: 2, fc7: 0 }, 'got fc7: 0'],
  [{ fc7: 1.5 }, 'got fc7: 1.5'],
])('fastRCNNHead: ranks of %j are refused', (ranks, message) => {
  const options = { numClasses: 1, inputShape: [2, 2, 3] as [number, number, number], hidden: [4, 5] };
  expect(() => fastRCNNHead({ ...options, ranks })).toThrow(message);
  expect(() => fastRCNNHead({ ...options, hidden: [], ranks })).toThrow('(there are none)');
});

test('fastRCNNHead: no class is an error', () => {
  const options = { numClasses: 0, inputShape: [7, 7, 8] as [number, number, number], random: mulberry32(1) };
  expect(() => fastRCNNHead(options)).toThrow(
    'fastRCNNHead: numClasses must be an integer of at least 1, got 0',
  );
});
