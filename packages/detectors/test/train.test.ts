import { SampleError, type Dataset } from '@roikit/datasets';
import { mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { train, type TrainEvent, type TrainOptions } from '../src';
import { useTestEngine } from '../../engine/test/testEngine';
import { collect, lossesOf, memoryCheckpoint } from '../../training/test/runs';
import { averagePrecision } from './averagePrecision';
import { gridProposals, squares, tinyDetector } from './scenes';

beforeAll(useTestEngine);

const dataset = squares({ count: 6 });
const options = (extra: Partial<TrainOptions> = {}): TrainOptions => ({
  epochs: 2,
  batch: { regions: 16 },
  optimizer: { type: 'adamw', learningRate: 1e-3 },
  proposals: gridProposals,
  random: mulberry32(2),
  ...extra,
});

describe('train', () => {
  test('learns: squares it has not seen are found', async () => {
    const detector = tinyDetector();
    const fresh = squares({ count: 12, seed: 9 });
    const before = await averagePrecision(detector, fresh, { proposals: gridProposals });
    const augment = { scale: [1, 1] as [number, number] }; // the squares it is shown are as large as those it must find
    await collect(train(detector, squares({ count: 24 }), options({ epochs: 12, augment })));
    const after = await averagePrecision(detector, fresh, { proposals: gridProposals });
    expect(before).toBeLessThan(0.3);
    expect(after).toBeGreaterThan(0.8);
    detector.dispose();
  });

  test.each(['sgd', 'adamw'] as const)(
    '%s: stopped in mid-epoch and resumed, it goes through the same losses as an unbroken run',
    async (type) => {
      const optimizer = { type, learningRate: 1e-3, backboneFactor: 0.5, clipNorm: 5 };
      const whole = lossesOf(await collect(train(tinyDetector(), dataset, options({ optimizer }))));

      const checkpoint = memoryCheckpoint();
      const controller = new AbortController();
      const first: TrainEvent[] = [];
      for await (const event of train(
        tinyDetector(),
        dataset,
        options({ optimizer, checkpoint, signal: controller.signal }),
      )) {
        first.push(event);
        if (event.type === 'step' && first.filter(({ type: t }) => t === 'step').length === 4)
          controller.abort();
      }
      expect(first.at(-1)).toEqual({ type: 'stopped', phase: 'fine-tune' });
      // Another detector, another generator: all that matters comes from the checkpoint.
      const other = tinyDetector({ random: mulberry32(77) } as object);
      const rest = await collect(
        train(other, dataset, options({ optimizer, checkpoint, random: mulberry32(5) })),
      );
      expect([...lossesOf(first), ...lossesOf(rest)]).toEqual(whole);
    },
  );

  test('stopped in a validation, it validates again when resumed', async () => {
    const checkpoint = memoryCheckpoint();
    const controller = new AbortController();
    const common = { validation: squares({ count: 3 }), checkpoint };
    const first: TrainEvent[] = [];
    for await (const event of train(
      tinyDetector(),
      dataset,
      options({ ...common, signal: controller.signal }),
    )) {
      first.push(event);
      if (event.type === 'validation') controller.abort();
    }
    expect(first.at(-1)).toEqual({ type: 'stopped', phase: 'fine-tune' });
    const rest = await collect(train(tinyDetector(), dataset, options(common)));
    expect(rest.slice(6, 10).map(({ type }) => type)).toEqual(['start', ...Array(3).fill('validation')]);
    expect(lossesOf([...first, ...rest])).toEqual(
      lossesOf(await collect(train(tinyDetector(), dataset, options()))),
    );
  });

  test('reports the run in order, with validation each epoch', async () => {
    const events = await collect(
      train(tinyDetector(), dataset, options({ validation: squares({ count: 2 }) })),
    );
    const types = events.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1]);
    const epoch = ['step', 'validation', 'epoch'];
    expect(types).toEqual(['progress', 'start', ...epoch, ...epoch, 'done']);
    const ends = events.filter((event) => event.type === 'epoch');
    expect(ends.map((event) => event.validation?.images)).toEqual([2, 2]);
  });

  test('a sample that cannot be read is skipped and counted once', async () => {
    const broken: Dataset = {
      ...dataset,
      get: async (index) => {
        if (index !== 2) return dataset.get(index);
        throw new SampleError('2.jpg', { what: 'the file ends early', cure: 'copy it again' });
      },
    };
    const events = await collect(train(tinyDetector(), broken, options({ epochs: 2 })));
    expect(events.filter(({ type }) => type === 'skipped')).toEqual([
      { type: 'skipped', id: '2', reason: '2.jpg: the file ends early; copy it again' },
    ]);
    expect(events.at(-1)).toEqual({ type: 'done' });
  });

  test('leaves nothing in memory but the weights', async () => {
    const detector = tinyDetector();
    const run = () =>
      collect(train(detector, dataset, options({ epochs: 1, validation: squares({ count: 1 }) })));
    // The first one leaves the folded copy of the trunk that detection runs on; it goes with the detector.
    const before = tf.memory().numTensors;
    await run();
    const afterFirst = tf.memory().numTensors;
    await run();
    expect(tf.memory().numTensors).toBe(afterFirst);
    detector.dispose();
    expect(tf.memory().numTensors).toBeLessThan(before);
  });

  test('frozen layers keep their weights, the others move', async () => {
    const detector = tinyDetector({
      backbone: { name: 'squeezenet1_1', layers: ['features.3'], frozenThrough: 'features.0' },
    });
    const weights = (name: string) =>
      Array.from(detector.parts.backbone.trunk.getLayer(name).getWeights()[0]!.dataSync());
    const before = [weights('features.0'), weights('features.3.squeeze')];
    await collect(train(detector, dataset, options({ epochs: 1 })));
    expect(weights('features.0')).toEqual(before[0]);
    expect(weights('features.3.squeeze')).not.toEqual(before[1]);
  });

  test('classes that do not fit, and a loss that explodes, are errors that say what to do', async () => {
    const renamed = { ...dataset, classes: ['blue', 'red'] };
    await expect(collect(train(tinyDetector(), renamed, options()))).rejects.toThrow(
      "train: the dataset's classes must be the detector's (red, blue), in that order, got blue, red",
    );
    const wild = options({ optimizer: { type: 'sgd', learningRate: 1e20 } });
    await expect(collect(train(tinyDetector(), dataset, wild))).rejects.toThrow(
      /epoch 1, step 2 \(\d, \d\); the weights are still those of the step before. Lower optimizer.learningRate/,
    );
  });
});
