import { useEngine } from '@roikit/engine';
import * as tf from '@tensorflow/tfjs-core';
import { roiAlign } from '@roikit/ops';
import { beforeAll, describe, expect, test } from 'vitest';
import { assignLevels, inferScale, multiScaleRoiAlign } from '../src';
import { nodeBackends } from './backends';
import { expectClose, golden, tensorOf } from './golden';

describe('assignLevels', () => {
  test("torchvision's levels, on the edges too", () => {
    const { boxes, levels } = golden.levels;
    expect(Array.from(assignLevels(Float32Array.from(boxes), { minLevel: 2, maxLevel: 5 }))).toEqual(levels);
  });

  test('a side of 111.9 is P2, of 112 P3 (faster-rcnn.md §5); other canons shift that', () => {
    const squares = Float32Array.from(
      [111.9, 112, 223.9, 224, 447.9, 448].flatMap((side) => [7, 9, 7 + side, 9 + side]),
    );
    const levels = { minLevel: 2, maxLevel: 5 };
    expect(Array.from(assignLevels(squares, levels))).toEqual([0, 1, 1, 2, 2, 3]);
    expect(Array.from(assignLevels(squares, { ...levels, canonicalScale: 448 }))).toEqual([0, 0, 0, 1, 1, 2]);
    expect(Array.from(assignLevels(squares, { ...levels, canonicalLevel: 3 }))).toEqual([0, 0, 0, 1, 1, 2]);
    expect(Array.from(assignLevels(squares, { ...levels, epsilon: 1 }))).toEqual([1, 2, 2, 3, 3, 3]);
  });

  test('a side that rounding left just below 224 counts as 224', () => {
    const box = Float32Array.of(0, 0, 223.9999, 223.9999);
    const levels = { minLevel: 2, maxLevel: 5 };
    expect([...assignLevels(box, levels), ...assignLevels(box, { ...levels, epsilon: 0 })]).toEqual([2, 1]);
  });

  test('area counts, not a side; a box turned inside out goes to the finest', () => {
    const boxes = Float32Array.of(0, 0, 448, 28, 5, 5, 3, 900);
    expect(Array.from(assignLevels(boxes, { minLevel: 2, maxLevel: 5 }))).toEqual([1, 0]);
  });
});

test('inferScale: the power of two nearest to map over image', () => {
  const heights = [200, 100, 50, 25, 13].map((height) => inferScale(height, { height: 799 }));
  expect(heights).toEqual([1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64]);
  expect(inferScale(10, { height: 320 })).toBe(1 / 32);
});

describe.each(await nodeBackends())('multiScaleRoiAlign on %s', (backend) => {
  beforeAll(async () => {
    await useEngine(backend);
  });

  const { pooling } = golden;
  const boxes = Float32Array.from(pooling.boxes);
  const indices = Int32Array.from(pooling.boxIndices);
  const options = {
    scales: pooling.scales,
    outputSize: [2, 3] as const,
    canonicalScale: 32,
    canonicalLevel: 3,
  };

  test("torchvision's features, in the order of the boxes, and its gradients", () => {
    const maps = pooling.maps.map(tensorOf);
    const pooled = multiScaleRoiAlign(maps, boxes, indices, options);
    expect(pooled.shape).toEqual(pooling.output.shape);
    expectClose(pooled.dataSync(), pooling.output.data, 1e-5);
    const gradients = tf.grads((...x: tf.Tensor[]) =>
      tf.sum(
        tf.mul(multiScaleRoiAlign(x as tf.Tensor4D[], boxes, indices, options), tensorOf(pooling.upstream)),
      ),
    )(maps);
    gradients.forEach((gradient, i) => expectClose(gradient.dataSync(), pooling.gradients[i]!.data, 1e-5));
  });

  test('defaults: 7×7, two samples a side, not aligned; one map takes every box', () => {
    const map = tensorOf(pooling.maps[0]!);
    const twin = (settings: object) =>
      roiAlign(map, tf.tensor2d(boxes, [16, 4]), tf.tensor1d(indices, 'int32'), {
        outputSize: 7,
        spatialScale: 1 / 4,
        samplingRatio: 2,
        aligned: false,
        ...settings,
      }).dataSync();
    const got = (settings: object) =>
      multiScaleRoiAlign([map], boxes, indices, { scales: [1 / 4], ...settings }).dataSync();
    expect(got({})).toEqual(twin({}));
    for (const settings of [{ samplingRatio: 1 }, { aligned: true }, { outputSize: [3, 5] }]) {
      expect(got(settings)).toEqual(twin(settings));
      expect(got(settings)).not.toEqual(twin({}));
    }
  });

  test('`centers`: a box sees what the cells that look at it see, on every map', () => {
    // Each cell's value says where it looks: cell i at stride · i + center.
    const looks = [
      { stride: 4, center: 3.5, height: 24, width: 32 },
      { stride: 8, center: 11.5, height: 12, width: 16 },
    ];
    const maps = looks.map(({ stride, center, height, width }) => {
      const cells = Array.from({ length: height * width }, (_, i) => {
        const [x, y] = [stride * (i % width) + center, stride * Math.floor(i / width) + center];
        return 3 * x + y;
      });
      return tf.tensor4d(cells, [1, height, width, 1]);
    });
    const some = Float32Array.of(20, 30, 32, 38, 16, 24, 76, 72);
    const pooled = multiScaleRoiAlign(maps, some, new Int32Array(2), {
      scales: [1 / 4, 1 / 8],
      centers: looks.map(({ center }) => center),
      outputSize: 1,
      canonicalScale: 32,
      canonicalLevel: 3,
    });
    const middles = [3 * 26 + 34, 3 * 46 + 48];
    [...pooled.dataSync()].forEach((value, i) => expect(value).toBeCloseTo(middles[i]!, 3));
  });

  test('leaves nothing behind; what does not fit together is an error', () => {
    const maps = pooling.maps.map(tensorOf);
    const before = tf.memory().numTensors;
    const pooled = multiScaleRoiAlign(maps, boxes, indices, options);
    expect(tf.memory().numTensors).toBe(before + 1);
    pooled.dispose();
    const wrong =
      (...args: Parameters<typeof multiScaleRoiAlign>) =>
      () =>
        multiScaleRoiAlign(...args);
    expect(wrong(maps.slice(1), boxes, indices, options)).toThrow('one entry per map, got 3 for 2 maps');
    expect(wrong(maps, boxes, indices.slice(1), options)).toThrow('got 64 and 15 numbers');
    expect(wrong(maps, new Float32Array(0), new Int32Array(0), options)).toThrow('at least 1');
  });
});
