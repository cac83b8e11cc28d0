import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { multiScaleRegions } from '../src/regions/multiScaleRegions';
import { useTestEngine } from '../../engine/test/testEngine';

beforeAll(useTestEngine);

// Maps of strides 4, 8 and 16 whose values are 1, 2 and 3, of an input as large as the picture.
const [width, height] = [640, 480];
const contextOf = () => ({
  images: [{ data: new Uint8Array(), width, height }],
  sizes: [{ width, height }],
  maps: [4, 8, 16].map((stride, i) => ({
    map: tf.mul(tf.ones<tf.Rank.R4>([1, height / stride, width / stride, 1]), i + 1) as tf.Tensor4D,
    field: { stride, center: stride / 2 },
  })),
});
// FPN Eq. 1: 4 + ⌊log2(√(w · h) / 224)⌋, of levels that start at 2 (stride 4).
const boxes = Float32Array.of(10, 20, 90, 70, 10, 20, 170, 110, 10, 20, 330, 220);

test.each([
  [3, [1, 2, 3]], // √4,000 = 63 is of level 2, √14,400 = 120 of level 3, √64,000 = 253 of level 4
  [2, [1, 2, 2]],
  [1, [1, 1, 1]],
])('of %i levels, each region is pooled from the map of its size', (levels, expected) => {
  const { apply } = multiScaleRegions({ outputSize: [2, 3], channels: 1, levels });
  tf.tidy(() => {
    const pooled = apply(contextOf(), [boxes]);
    expect(pooled.shape).toEqual([3, 2, 3, 1]);
    const means = tf.mean(pooled, [1, 2, 3]).dataSync();
    expected.forEach((value, i) => expect(means[i]).toBeCloseTo(value, 5));
  });
});
