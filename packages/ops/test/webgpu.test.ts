import { useEngine } from '@roikit/engine';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startWebgpu } from '../../engine/test/webgpuInNode';
import { maxError } from './compare';
import { regionOp } from './cases';
import { golden, goldenError } from './golden';
import { regionsOf, run } from './regions';
import { goldenCases } from './gpuCases';
import { regionCases } from './regionCases';

const started = await startWebgpu();
if (!started) console.warn('SKIPPED: regions on webgpu in Node');

describe.skipIf(!started)('regions on webgpu in Node', () => {
  beforeAll(async () => {
    await useEngine('cpu');
    await useEngine('webgpu');
  });

  it.each(goldenCases)('agree with torchvision: $name', async ({ input, expected }) => {
    expect(await goldenError(regionOp(input.op, input.options), expected)).toBeLessThan(1e-4);
  });

  it('take float32 bins as torchvision does', async () => {
    const { shape, features, boxes, output } = golden.wide;
    const options = { outputSize: [1, 7] as [number, number], spatialScale: 1 };
    const regions = regionsOf({ op: 'roiPool', options, shape, features, boxes, boxIndices: [0, 0] });
    expect(maxError((await run(regionOp('roiPool', options), regions)).output, output)).toBeLessThan(1e-6);
  });

  it.each(regionCases)('agree with cpu, bit for bit when run again: $op $options', async (input) => {
    const op = regionOp(input.op, input.options);
    const actual = await run(op, regionsOf(input));
    expect((await run(op, regionsOf(input))).gradient).toEqual(actual.gradient);
    await useEngine('cpu');
    const expected = await run(op, regionsOf(input));
    await useEngine('webgpu');
    expect(actual.shape).toEqual(expected.shape);
    expect(maxError(actual.output, expected.output)).toBeLessThan(1e-5);
    expect(maxError(actual.gradient, expected.gradient)).toBeLessThan(1e-5);
  });

  it('pass on a gradient that is no number', async () => {
    const { features, boxes, boxIndices } = {
      features: tf.ones([1, 3, 4, 2]) as tf.Tensor4D,
      boxes: tf.tensor2d([[0, 0, 3, 2]]),
      boxIndices: tf.tensor1d([0], 'int32'),
    };
    const inputs = { dy: tf.tensor4d([1, NaN], [1, 1, 1, 2]), features, boxes, boxIndices };
    const attrs = { outputSize: [1, 1], spatialScale: 1, samplingRatio: 1, aligned: false };
    for (const kernel of ['RoiPoolGrad', 'RoiAlignGrad']) {
      const gradient: tf.Tensor = tf.engine().runKernel(kernel, inputs, attrs);
      expect((await gradient.data()).some((value) => Number.isNaN(value))).toBe(true);
      gradient.dispose();
    }
    tf.dispose(inputs);
  });
});
