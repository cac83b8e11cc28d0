import { useEngine } from '@roikit/engine';
import * as tf from '@tensorflow/tfjs-core';
import type { Browser, Page as Tab } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channelShuffle, groupedConv2d } from '../../src';
import { channelShuffleCase, groupedConvCase, type RegionCase } from '../cases';
import { maxError, upstream } from '../compare';
import { golden } from '../golden';
import { goldenCases, onCpu } from '../gpuCases';
import { imageCases, normalizeImageTwin } from '../imageCases';
import { regionCases } from '../regionCases';
import { findChromium, openPage } from '../../../engine/test/browser/chromium';
import type { Page, Result } from './gpu.page';

declare const page: Page;

const TOLERANCE = 1e-4;

const executable = findChromium();
if (!executable)
  console.warn('ops: webgl and webgpu are not tested: no Chromium on PATH or in CHROMIUM_PATH');

describe.skipIf(!executable)('in Chromium', () => {
  let browser: Browser;
  let tab: Tab;
  beforeAll(async () => {
    ({ browser, tab } = await openPage(executable!, new URL('gpu.page.ts', import.meta.url)));
    await useEngine('cpu');
  });
  afterAll(async () => {
    await browser?.close();
  });

  describe.each(['webgl', 'webgpu'] as const)('%s', (name) => {
    beforeAll(async () => {
      const started = await tab.evaluate((name) => page.start(name), name);
      if (started !== name) throw new Error(`${name} does not start in ${executable}: ${started}`);
    });
    const inPage = (input: RegionCase): Promise<Result> => tab.evaluate((input) => page.region(input), input);

    it.each(goldenCases)('agrees with torchvision: $name', async ({ input, expected }) => {
      const { output, gradient, leaked } = await inPage(input);
      expect(maxError(output, expected.output)).toBeLessThan(TOLERANCE);
      expect(maxError(gradient, expected.gradient)).toBeLessThan(TOLERANCE);
      expect(leaked).toBe(0);
    });

    it.each(regionCases)('agrees with cpu: $op $options', async (input) => {
      const expected = await onCpu(input);
      const { shape, output, gradient, leaked } = await inPage(input);
      expect(shape).toEqual(expected.shape);
      expect(maxError(output, expected.output)).toBeLessThan(TOLERANCE);
      expect(maxError(gradient, expected.gradient)).toBeLessThan(TOLERANCE);
      expect(leaked).toBe(0);
    });

    it('takes float32 bins as torchvision does', async () => {
      const { shape, features, boxes, output } = golden.wide;
      const options = { outputSize: [1, 7] as [number, number], spatialScale: 1 };
      const boxIndices = [0, 0];
      const actual = await inPage({ op: 'roiPool', options, shape, features, boxes, boxIndices });
      expect(maxError(actual.output, output)).toBeLessThan(1e-6);
    });

    const small = {
      shape: [1, 3, 3, 2] as [number, number, number, number],
      features: Array(18).fill(1) as number[],
    };
    const one = { ...small, boxes: [0, 0, 2, 2], boxIndices: [0] };
    it.each([
      { ...one, op: 'roiPool', options: { outputSize: 2, spatialScale: 1 } },
      { ...one, op: 'roiAlign', options: { outputSize: 2, spatialScale: 1 } },
      { ...one, op: 'spatialPyramidPool', options: { levels: [1, 2], spatialScale: 1 } },
    ] as RegionCase[])('leaves nothing behind after 100 calls: $op', async (input) => {
      expect(await tab.evaluate((input) => page.leakedByMany(input), input)).toBe(0);
    });

    it.each([0, 2])('ends on a box without end: samplingRatio %i', async (samplingRatio) => {
      const options = { outputSize: 2, spatialScale: 1, samplingRatio };
      const { output } = await inPage({ ...one, boxes: [0, 0, Infinity, Infinity], op: 'roiAlign', options });
      expect(output.every((value) => value === 0)).toBe(true);
    });

    it('agrees with cpu: groupedConv2d', async () => {
      const { x, filter, options } = groupedConvCase();
      const y = groupedConv2d(x, filter, options);
      const grads = tf.grads((x, f) => groupedConv2d(x as tf.Tensor4D, f as tf.Tensor4D, options));
      const [dx, dFilter] = grads([x, filter], upstream(y.shape)) as [tf.Tensor, tf.Tensor];
      const actual = await tab.evaluate(() => page.groupedConv());
      expect(maxError(actual.output, await y.data())).toBeLessThan(TOLERANCE);
      expect(maxError(actual.gradient, [...(await dx.data()), ...(await dFilter.data())])).toBeLessThan(
        TOLERANCE,
      );
      expect(actual.leaked).toBe(0);
    });

    it('agrees with cpu: channelShuffle', async () => {
      const y = channelShuffle(channelShuffleCase(), { groups: 4 });
      const actual = await tab.evaluate(() => page.shuffle());
      expect(maxError(actual.output, await y.data())).toBeLessThan(1e-6);
      expect(actual.leaked).toBe(0);
    });

    it.each(imageCases.filter(({ name }) => name !== 'long'))(
      'normalises an image: $name',
      async (example) => {
        const actual = await tab.evaluate((example) => page.image(example), example);
        expect(maxError(actual, normalizeImageTwin(example))).toBeLessThan(
          name === 'webgpu' ? 1e-5 : TOLERANCE,
        );
      },
    );
  });
});
