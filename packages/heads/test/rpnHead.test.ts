import '@tensorflow/tfjs-backend-cpu';
import { mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { rpnHead } from '../src';
import { expectClose, golden, setWeights, tensorOf } from './golden';

test.each([1, 2])(
  "rpnHead: torchvision's predictions with %i convolutions, flattened by reshaping",
  (convDepth) => {
    const expected = golden.rpnHead[convDepth - 1]!;
    const head = rpnHead({ inChannels: 4, numAnchors: 3, convDepth });
    setWeights(head, expected.weights);
    const [logits, offsets] = [0, 1].map((output) => {
      const levels = expected.maps.map((map) => (head.predict(tensorOf(map)) as tf.Tensor[])[output]!);
      return tf.concat(
        levels.map((level) => tf.reshape(level, [2, -1])),
        1,
      );
    });
    expectClose(logits!.dataSync(), expected.objectness, 1e-5);
    expectClose(offsets!.dataSync(), expected.offsets, 1e-5);
  },
);

test('rpnHead: N(0, .01) everywhere, one convolution as wide as its input by default', () => {
  const draw = (seed: number) => rpnHead({ inChannels: 30, numAnchors: 90, random: mulberry32(seed) });
  const head = draw(1);
  expect(head.countParams()).toBe(9 * 900 + 30 + 30 * 90 + 90 + 30 * 360 + 360);
  for (const name of ['conv.0.0', 'cls_logits', 'bbox_pred']) {
    const [kernel, bias] = head.getLayer(name).getWeights();
    const deviation = Math.sqrt(tf.mean(tf.square(kernel!)).dataSync()[0]!);
    expect(deviation / 0.01).toBeCloseTo(1, 1);
    expect(tf.max(tf.abs(bias!)).dataSync()[0]).toBe(0);
  }
  const weights = (seed: number) => draw(seed).getLayer('cls_logits').getWeights()[0]!.dataSync();
  expect(weights(1)).toEqual(head.getLayer('cls_logits').getWeights()[0]!.dataSync());
  expect(weights(2)).not.toEqual(weights(1));
});

test('rpnHead: hiddenChannels is the width between', () => {
  const head = rpnHead({ inChannels: 3, numAnchors: 2, hiddenChannels: 5, convDepth: 2 });
  expect(head.getLayer('conv.0.0').getWeights()[0]!.shape).toEqual([3, 3, 3, 5]);
  expect(head.getLayer('conv.1.0').getWeights()[0]!.shape).toEqual([3, 3, 5, 5]);
  expect(() => rpnHead({ inChannels: 3, numAnchors: 0 })).toThrow(
    'rpnHead: numAnchors must be an integer of at least 1, got 0',
  );
});
