import { useEngine } from '@roikit/engine';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { groupedConv2d, roiAlign, spatialPyramidPool } from '../src';
import { maxError, type RegionOp } from './compare';
import { randomRegions } from './random';
import { run } from './regions';
import { roiAlignTwin } from './twins';

beforeAll(async () => {
  await useEngine('wasm');
});
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

// A map that is not square, and boxes large enough that ⌈bin size⌉ is not 2.
const regions = randomRegions(11, [2, 15, 22, 5], 12, 1 / 4);

const outputOf = async (op: RegionOp) => (await run(op, regions)).output as Float32Array;

describe('what an option is when it is left out', () => {
  it('roiAlign: samplingRatio 0, ⌈bin size⌉ samples, and aligned false', async () => {
    const given = { outputSize: [2, 3] as [number, number], spatialScale: 1 / 4 };
    const output = await outputOf((x, b, i) => roiAlign(x, b, i, given));
    const twin = (samplingRatio: number, aligned: boolean) =>
      maxError(output, roiAlignTwin(regions, { ...given, samplingRatio, aligned }));
    expect(twin(0, false)).toBeLessThanOrEqual(1e-5);
    for (const [samplingRatio, aligned] of [
      [2, false],
      [1, false],
      [0, true],
    ] as const) {
      expect(twin(samplingRatio, aligned)).toBeGreaterThan(0.01);
    }
  });

  it("spatialPyramidPool: adaptive bins and the paper's projection", async () => {
    const given = { levels: [3, 1], spatialScale: 1 / 4 };
    const pool = (more: object) => outputOf((x, b, i) => spatialPyramidPool(x, b, i, { ...given, ...more }));
    const output = await pool({});
    expect(output).toEqual(await pool({ bins: 'adaptive', projection: 'paper' }));
    expect(output).not.toEqual(await pool({ bins: 'fixed' }));
    expect(output).not.toEqual(await pool({ projection: { offset0: 21, offset: 6.5 } }));
  });

  it('groupedConv2d: stride 1 and no padding', async () => {
    const x = tf.randomNormal([1, 6, 9, 4], 0, 1, 'float32', 1) as tf.Tensor4D;
    const filter = tf.randomNormal([3, 2, 2, 6], 0, 1, 'float32', 2) as tf.Tensor4D;
    const y = groupedConv2d(x, filter, { groups: 2 });
    expect(y.shape).toEqual([1, 4, 8, 6]);
    const explicit = groupedConv2d(x, filter, { groups: 2, strides: 1, pad: 'valid' });
    expect(await y.data()).toEqual(await explicit.data());
  });
});

describe('axes are not mixed up', () => {
  /** A map [1, 6, 10, 1] whose value at (y, x) is 100 y + x, so that an output tells where it was read. */
  const map = () =>
    tf.tensor4d(
      [...Array(60).keys()].map((i) => 100 * Math.floor(i / 10) + (i % 10)),
      [1, 6, 10, 1],
    );
  const box = (...corners: [x1: number, y1: number, x2: number, y2: number]) => tf.tensor2d([corners]);
  const first = () => tf.tensor1d([0], 'int32');

  it('roiAlign reads x along the width: one sample a bin', async () => {
    // x from 2 to 8 in 3 bins: centres 3, 5, 7; y from 1 to 5 in 2 bins: centres 2, 4. Scale 1/2 of image pixels.
    const y = roiAlign(map(), box(4, 2, 16, 10), first(), {
      outputSize: [2, 3],
      spatialScale: 0.5,
      samplingRatio: 1,
    });
    expect([...(await y.data())]).toEqual([203, 205, 207, 403, 405, 407]);
  });

  it('roiAlign aligned is half a cell up and to the left of that', async () => {
    const options = {
      outputSize: [2, 3] as [number, number],
      spatialScale: 0.5,
      samplingRatio: 1,
      aligned: true,
    };
    const y = roiAlign(map(), box(4, 2, 16, 10), first(), options);
    expect([...(await y.data())]).toEqual([203, 205, 207, 403, 405, 407].map((at) => at - 50.5));
  });

  it('spatialPyramidPool takes the last cell of each bin of an ascending map', async () => {
    // Paper's projection at scale 1/2: x cells ⌊3·½⌋+1 = 2 … ⌈17·½⌉−1 = 8, y cells 1 … ⌈11·½⌉−1 = 5.
    const y = spatialPyramidPool(map(), box(3, 1, 17, 11), first(), { levels: [2, 1], spatialScale: 0.5 });
    expect([...(await y.data())]).toEqual([305, 308, 505, 508, 508]);
  });

  it('groupedConv2d takes [vertical, horizontal] strides', async () => {
    const filter = tf.ones([1, 1, 1, 1]) as tf.Tensor4D;
    const y = groupedConv2d(map(), filter, { groups: 1, strides: [3, 4] });
    expect(y.shape).toEqual([1, 2, 3, 1]);
    expect([...(await y.data())]).toEqual([0, 4, 8, 300, 304, 308]);
  });
});
