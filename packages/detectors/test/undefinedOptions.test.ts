import { mulberry32 } from '@roikit/geometry';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { DETECTORS, resolveConfig, train, type DetectorOptions, type TrainOptions } from '../src';
import { resolveLearning } from '../src/training/defaults';
import type { GeneralizedRCNN } from '../src/generalizedRCNN';

// `{ learningRate: flags.lr }` where nobody said one: what is undefined is not given, and has its default.

afterEach(() => vi.restoreAllMocks());

test.each([
  ['rcnn', { regions: { size: undefined }, head: { hidden: undefined, boxFeatures: undefined } }],
  ['spp-net', { transform: { minSize: undefined }, postprocess: { maxPerClass: undefined } }],
  ['fast-rcnn', { proposals: { mode: undefined }, head: { dropout: undefined }, boxCoder: undefined }],
  ['faster-rcnn', { rpn: { preNms: undefined, anchors: { aspectRatios: undefined } }, fpn: undefined }],
])('%s %o: the defaults', (type, options) => {
  const base = { type, classes: ['a'], backbone: 'squeezenet1_1' };
  const plain = resolveConfig(base as DetectorOptions);
  expect(resolveConfig({ ...base, ...options } as DetectorOptions)).toStrictEqual(plain);
});

describe('how it learns', () => {
  const about = { images: 300, pretrained: true, batch: 2 };

  test.each([
    { optimizer: { type: undefined, learningRate: undefined, clipNorm: undefined } },
    { schedule: { type: undefined, warmupSteps: undefined, gamma: undefined } },
    { epochs: undefined, batch: { images: undefined } },
  ])('%o: the defaults', (options) => {
    expect(resolveLearning(options, about)).toMatchObject(resolveLearning({}, about));
  });

  test('what the phases are told', async () => {
    const phases = vi.spyOn(DETECTORS.rcnn, 'phases').mockReturnValue([]);
    const truth = { boxes: Float32Array.of(0, 0, 2, 1), labels: Int32Array.of(1) };
    const image = { data: new Uint8Array(30), width: 5, height: 2 };
    const get = async (index: number) => ({ id: `${index}`, image, truth });
    const dataset = { name: 'one', classes: ['a'], length: 1, id: String, get };
    const detector = {
      config: { type: 'rcnn', classes: ['a'] },
      parts: { proposals: {} },
      propose: () => new Float32Array(0),
    } as unknown as GeneralizedRCNN;
    const told = async (options: Partial<TrainOptions>) => {
      for await (const _ of train(detector, dataset, { random: mulberry32(1), ...options }));
      const { random: _, ...own } = phases.mock.lastCall![2];
      return own;
    };
    const none = { batch: { images: undefined, regions: undefined }, svm: { hardThreshold: undefined } };
    expect(await told({ ...none, ema: undefined })).toEqual({ ...(await told({})), svm: {} });
  });
});
