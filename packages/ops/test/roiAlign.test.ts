import { useEngine } from '@roikit/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { roiAlign } from '../src';
import { nodeBackends } from './backends';
import { maxError, type RegionOp } from './compare';
import { goldenError, golden } from './golden';
import { randomRegions } from './random';
import { finiteDifferenceError, leakedTensors, run } from './regions';
import { roiAlignTwin, type AlignOptions } from './twins';

const align =
  (options: AlignOptions): RegionOp =>
  (x, boxes, boxIndices) =>
    roiAlign(x, boxes, boxIndices, options);

const modes = [0, 2].flatMap((samplingRatio) => [true, false].map((aligned) => ({ samplingRatio, aligned })));

describe.each(await nodeBackends())('roiAlign on %s', (backend) => {
  beforeAll(async () => {
    await useEngine(backend);
  });

  it.each(golden.roiAlign)('agrees with torchvision, forward and backward: $options', async (expected) => {
    const { output_size: outputSize, sampling_ratio: samplingRatio, aligned } = expected.options;
    const op = align({ outputSize, spatialScale: golden.spatialScale, samplingRatio, aligned });
    expect(await goldenError(op, expected)).toBeLessThanOrEqual(1e-5);
  });

  it.each(modes)('agrees with the naive twin: %o', async (mode) => {
    const options: AlignOptions = { outputSize: [3, 4], spatialScale: 0.25, ...mode };
    for (const channels of [3, 20, 68]) {
      const regions = randomRegions(channels, [2, 13, 11, channels], 25, 0.25);
      const { output, shape } = await run(align(options), regions);
      expect(shape).toEqual([25, 3, 4, channels]);
      expect(maxError(output, roiAlignTwin(regions, options))).toBeLessThanOrEqual(1e-5);
    }
  });

  it.each(modes)('has the gradient of finite differences: %o', async (mode) => {
    const regions = randomRegions(3, [2, 4, 5, 2], 6, 0.5);
    expect(
      await finiteDifferenceError(align({ outputSize: [2, 3], spatialScale: 0.5, ...mode }), regions, 1 / 4),
    ).toBeLessThan(1e-3);
  });

  it('takes boxes with swapped corners backwards, as torchvision does', async () => {
    const options: AlignOptions = { outputSize: [2, 1], spatialScale: 1, samplingRatio: 8, aligned: true };
    const regions = {
      ...randomRegions(5, [1, 4, 3, 2], 2, 1),
      boxes: Float32Array.of(3, 4, 0, 0, 2.5, 1, 0.5, 3),
    };
    const { output } = await run(align(options), regions);
    expect(maxError(output, roiAlignTwin(regions, options))).toBeLessThanOrEqual(1e-5);
  });

  it('of a box far larger than the map only the samples on it take time', async () => {
    const options: AlignOptions = { outputSize: [2, 3], spatialScale: 1, samplingRatio: 0, aligned: true };
    const large = {
      ...randomRegions(7, [1, 4, 3, 2], 1, 1),
      boxes: Float32Array.of(-1500.3, -900, 1700, 2100.7),
    };
    const { output } = await run(align(options), large);
    expect(maxError(output, roiAlignTwin(large, options))).toBeLessThanOrEqual(1e-5);
    const larger = { ...large, boxes: Float32Array.of(-1e30, -1e30, 1e30, 1e30) };
    expect(maxError((await run(align(options), larger)).output, new Float32Array(12))).toBeLessThan(1e-5);
  });

  it.each([NaN, Infinity])('has nothing in a box that reaches to %s', async (edge) => {
    for (const samplingRatio of [0, 2]) {
      const options: AlignOptions = { outputSize: [2, 2], spatialScale: 1, samplingRatio, aligned: false };
      const regions = { ...randomRegions(6, [1, 4, 3, 2], 1, 1), boxes: Float32Array.of(0, 0, edge, edge) };
      const { output, gradient } = await run(align(options), regions);
      expect(output.every((value) => value === 0)).toBe(true);
      expect(gradient.every((value) => value === 0)).toBe(true);
    }
  });

  it('leaves no tensor behind', async () => {
    const options: AlignOptions = { outputSize: [2, 2], spatialScale: 0.5, samplingRatio: 0, aligned: true };
    expect(await leakedTensors(align(options), randomRegions(2, [2, 5, 6, 4], 5, 0.5))).toBe(0);
  });
});
