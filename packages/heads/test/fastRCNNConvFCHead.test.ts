import '@tensorflow/tfjs-backend-cpu';
import { mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { fastRCNNConvFCHead } from '../src';
import { expectClose, golden, setWeights, tensorOf } from './golden';

test("fastRCNNConvFCHead: torchvision's scores and offsets, under its layers' names", () => {
  const { weights, features, scores, offsets } = golden.convHead;
  const head = fastRCNNConvFCHead({ numClasses: 2, inputShape: [2, 4, 3], convs: [5, 6], hidden: [7, 8] });
  setWeights(head, weights);
  const [clsScore, bboxPred] = head.predict(tensorOf(features)) as tf.Tensor[];
  expectClose(clsScore!.dataSync(), scores, 1e-5);
  expectClose(bboxPred!.dataSync(), offsets, 1e-5);
});

test("fastRCNNConvFCHead: torchvision's v2 sizes by default, first weights from the generator", () => {
  const head = fastRCNNConvFCHead({ numClasses: 90, inputShape: [7, 7, 256] });
  const names = head.layers.filter(({ weights }) => weights.length > 0).map(({ name }) => name);
  const convs = ['0', '1', '2', '3'].flatMap((i) => [`${i}.0`, `${i}.1`]);
  expect(names).toEqual([...convs, '5', 'cls_score', 'bbox_pred']);
  // 4 × (weights, and batch norm's 4 vectors), then 12544 → 1024 → 91 and 364
  expect(head.countParams()).toBe(4 * (9 * 256 * 256 + 4 * 256) + 12545 * 1024 + 1025 * (91 + 364));
  head.dispose();
  const small = (seed?: number) => {
    const random = seed === undefined ? undefined : mulberry32(seed);
    const model = fastRCNNConvFCHead({
      numClasses: 1,
      inputShape: [3, 2, 8],
      convs: [100],
      hidden: [9],
      random,
    });
    return model.getLayer('0.0').getWeights()[0]!.dataSync();
  };
  const kernel = small(1);
  const squares = Array.from(kernel, (value) => value * value).reduce((a, b) => a + b);
  expect(Math.sqrt(squares / kernel.length) / Math.sqrt(2 / 900)).toBeCloseTo(1, 1);
  expect(small(1)).toEqual(kernel);
  expect(small(2)).not.toEqual(kernel);
  expect(small().every((value) => value === 0)).toBe(true);
});

test("fastRCNNConvFCHead: a batch norm's statistics move by a tenth each step, as PyTorch's", () => {
  const head = fastRCNNConvFCHead({ numClasses: 1, inputShape: [1, 1, 4], convs: [3], hidden: [2] });
  head.getLayer('0.0').setWeights([tf.ones([3, 3, 4, 3])]);
  head.apply(tf.ones([5, 1, 1, 4]), { training: true });
  const [, , mean] = head.getLayer('0.1').getWeights();
  expectClose(mean!.dataSync(), [0.4, 0.4, 0.4], 1e-6);
});

/** Its last layer's values are ones; the class scores are the mean of what dropout leaves of them. */
function meanOfHidden(dropout?: number) {
  const random = mulberry32(1);
  const head = fastRCNNConvFCHead({
    numClasses: 1,
    inputShape: [1, 2, 3],
    convs: [2],
    hidden: [4000],
    dropout,
    random,
  });
  head.getLayer('2').setWeights([tf.zeros([4, 4000]), tf.ones([4000])]);
  head.getLayer('cls_score').setWeights([tf.mul(tf.ones([4000, 2]), 1 / 4000), tf.zeros([2])]);
  const input = tf.zeros([1, 1, 2, 3]);
  return (training: boolean) => (head.apply(input, { training }) as tf.Tensor[])[0]!.dataSync()[0]!;
}

test('fastRCNNConvFCHead: a dropout of .3 drops 30 % of the fully connected layer, in training only', () => {
  const mean = meanOfHidden(0.3);
  const survivors = mean(true) * 4000 * 0.7; // each survivor is 1 / .7
  expect(Math.abs(survivors / 4000 - 0.7)).toBeLessThan(0.03); // 4 deviations
  expect(survivors).toBeLessThan(3999);
  expect(mean(true)).not.toBe(mean(true));
  expect(mean(false)).toBeCloseTo(1, 4);
  expect(meanOfHidden()(true)).toBeCloseTo(1, 4);
  expect(() => meanOfHidden(1)).toThrow('fastRCNNConvFCHead: dropout must be in [0, 1), got 1');
});

test('fastRCNNConvFCHead: no class is an error', () => {
  expect(() => fastRCNNConvFCHead({ numClasses: 0, inputShape: [7, 7, 8] })).toThrow(
    'fastRCNNConvFCHead: numClasses must be an integer of at least 1, got 0',
  );
});
