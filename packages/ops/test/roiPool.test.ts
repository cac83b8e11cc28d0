import { useEngine } from '@roikit/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { roiPool } from '../src';
import { nodeBackends } from './backends';
import { maxError, type RegionOp } from './compare';
import { goldenError, golden } from './golden';
import { randomRegions } from './random';
import { distinct, finiteDifferenceError, leakedTensors, run } from './regions';
import { maxPoolTwin, scatterTwin, type BinsOf } from './twins';

const pool =
  (outputSize: number | [number, number], spatialScale: number): RegionOp =>
  (x, boxes, boxIndices) =>
    roiPool(x, boxes, boxIndices, { outputSize, spatialScale });

/** Exact integer bins of algorithms.md §6; differs from torchvision only where a side is 57, 114, 121… cells. */
const exactBins =
  (scale: number): BinsOf =>
  (from, to, count) => {
    const round = (v: number) => (v < 0 ? -Math.round(-v) : Math.round(v));
    const start = round(from * scale);
    const side = Math.max(round(to * scale) - start + 1, 1);
    return Array.from({ length: count }, (_, p) => [
      start + Math.floor((p * side) / count),
      start + Math.ceil(((p + 1) * side) / count),
    ]);
  };

describe.each(await nodeBackends())('roiPool on %s', (backend) => {
  beforeAll(async () => {
    await useEngine(backend);
  });

  it.each(golden.roiPool)('agrees with torchvision, forward and backward: $options', async (expected) => {
    expect(
      await goldenError(pool(expected.options.output_size, golden.spatialScale), expected),
    ).toBeLessThanOrEqual(1e-5);
  });

  it('takes float32 bins as torchvision does where they differ from exact ones', async () => {
    const { shape, features, boxes, output } = golden.wide;
    const regions = { shape, features: Float32Array.from(features), boxes: Float32Array.from(boxes) };
    const actual = await run(pool([1, 7], 1), { ...regions, boxIndices: new Int32Array(boxes.length / 4) });
    expect(maxError(actual.output, output)).toBeLessThanOrEqual(0);
  });

  // 3 channels take the padded path, 4 one vector, 36 the blocks of the forward loop, 84 those of the backward loop too.
  it.each([3, 4, 36, 84])('agrees with the naive twin on %i channels', async (channels) => {
    const regions = randomRegions(channels, [3, 17, 23, channels], 60, 1 / 16);
    const twin = maxPoolTwin(regions, [[7, 5]], exactBins(1 / 16));
    const actual = await run(pool([7, 5], 1 / 16), regions);
    expect(actual.shape).toEqual([60, 7, 5, channels]);
    expect(maxError(actual.output, twin.output)).toBeLessThanOrEqual(0);
    expect(
      maxError(actual.gradient, scatterTwin(regions.features.length, twin.argmax, actual.dy)),
    ).toBeLessThanOrEqual(1e-4);
  });

  it('has the gradient of finite differences', async () => {
    const regions = { ...randomRegions(1, [2, 5, 6, 3], 7, 0.5), features: distinct(180) };
    expect(await finiteDifferenceError(pool(2, 0.5), regions, 1 / 64)).toBeLessThan(1e-3);
  });

  it('sends the gradient of a tie to the first maximum alone', async () => {
    const regions = {
      shape: [1, 2, 2, 1] as [number, number, number, number],
      features: Float32Array.of(0, 5, 5, 5),
      boxes: Float32Array.of(0, 0, 1, 1),
      boxIndices: Int32Array.of(0),
    };
    const { output, gradient, dy } = await run(pool(1, 1), regions);
    expect([...output]).toEqual([5]);
    expect([...gradient]).toEqual([0, dy[0], 0, 0]);
  });

  it('takes no boxes', async () => {
    const none = { boxes: new Float32Array(0), boxIndices: new Int32Array(0) };
    const { shape, gradient } = await run(pool(7, 1), { ...randomRegions(1, [1, 3, 3, 2], 0, 1), ...none });
    expect(shape).toEqual([0, 7, 7, 2]);
    expect([...gradient].every((value) => value === 0)).toBe(true);
  });

  it('gives boxes a zero gradient, as constants', () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const features = tf.ones([1, 4, 4, 1]) as tf.Tensor4D;
      const indices = tf.tensor1d([0], 'int32');
      const grad = tf.grad((boxes) =>
        roiPool(features, boxes as tf.Tensor2D, indices, { outputSize: 2, spatialScale: 1 }),
      );
      expect([...grad(tf.tensor2d([[0, 0, 3, 3]])).dataSync()]).toEqual([0, 0, 0, 0]);
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('leaves no tensor behind', async () => {
    expect(await leakedTensors(pool(3, 0.5), randomRegions(2, [2, 5, 6, 4], 5, 0.5))).toBe(0);
  });

  it('names a box index without an image', () => {
    const before = tf.memory().numTensors;
    const features = tf.zeros([2, 3, 3, 1]) as tf.Tensor4D;
    const boxes = tf.zeros([2, 4]) as tf.Tensor2D;
    const indices = tf.tensor1d([0, 2], 'int32');
    expect(() => roiPool(features, boxes, indices, { outputSize: 2, spatialScale: 1 })).toThrow(
      /boxIndices\[1\] must name one of the 2 images of features, got 2/,
    );
    tf.dispose([features, boxes, indices]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
