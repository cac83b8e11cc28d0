import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { mulberry32 } from '@roikit/geometry';
import { evaluateClassifier, holdOut } from '../src';
import { useTestEngine } from '../../engine/test/testEngine';
import { preprocessing } from './halves';

beforeAll(async () => {
  await useTestEngine();
});

describe('evaluateClassifier', () => {
  test('counts first and first five places, and the loss of the truth', async () => {
    const logits = tf.tensor2d([0, 1, 2, 3, 4, 5, 6], [1, 7]);
    const model = { predict: (images: tf.Tensor4D) => tf.tile(logits, [images.shape[0], 1]) };
    const labels = [6, 5, 2, 1];
    const image = { data: new Uint8Array(12), width: 2, height: 2 };
    const dataset = {
      classes: [...'abcdefg'],
      length: 4,
      get: async (i: number) => ({ image, label: labels[i]! }),
    };
    const { top1, top5, loss } = await evaluateClassifier(model, dataset, { batch: 3, preprocessing });
    expect([top1, top5]).toEqual([1 / 4, 3 / 4]);
    const logSum = Math.log([0, 1, 2, 3, 4, 5, 6].reduce((sum, value) => sum + Math.exp(value), 0));
    expect(loss).toBeCloseTo(logSum - (6 + 5 + 2 + 1) / 4, 5);
  });
});

describe('holdOut', () => {
  test('parts the images without loss or doubling', async () => {
    const image = { data: new Uint8Array(3), width: 1, height: 1 };
    const all = { classes: ['a'], length: 10, get: async (label: number) => ({ image, label }) };
    const { train, validation } = holdOut(all, { share: 0.3, random: mulberry32(1) });
    expect([train.length, validation.length]).toEqual([7, 3]);
    const seen = await Promise.all(
      [...Array(7).keys()]
        .map((i) => train.get(i))
        .concat([...Array(3).keys()].map((i) => validation.get(i))),
    );
    expect(seen.map(({ label }) => label).sort((a, b) => a - b)).toEqual([...Array(10).keys()]);
  });
});
