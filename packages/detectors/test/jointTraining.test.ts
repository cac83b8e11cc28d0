import { boxIou, mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { train, type TrainEvent, type TrainOptions, transferDetector } from '../src';
import { useTestEngine } from '../../engine/test/testEngine';
import { collect, memoryCheckpoint, stepLosses } from '../../training/test/runs';
import { averagePrecision } from './averagePrecision';
import { noise, squares } from './scenes';
import { tinyFasterRCNN } from './tinyFasterRCNN';

beforeAll(useTestEngine);

describe('transfer', () => {
  test('a detector for other classes keeps all weights but the predictor’s, and the source its own', async () => {
    const source = tinyFasterRCNN();
    const before = await source.stateDict();
    const detector = await transferDetector(source, { classes: ['a', 'b', 'c'], random: mulberry32(8) });
    const { classes: _, ...settings } = source.config;
    expect(detector.config).toEqual({ ...settings, classes: ['a', 'b', 'c'] });
    const after = await detector.stateDict();
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [key, { data, shape }] of after) {
      if (!/cls_score|bbox_pred/.test(key) || key.startsWith('proposals.'))
        expect(data).toEqual(before.get(key)!.data);
      else expect(shape[0]).toBe(key.includes('cls_score') ? 4 : 16);
    }
    const score = after.get('head.cls_score.weight')!.data as Float32Array;
    expect(score.some((value) => value !== 0)).toBe(true);
    const same = await transferDetector(source, { classes: ['x', 'y'], random: mulberry32(9) });
    expect((await same.stateDict()).get('head.cls_score.weight')!.data).not.toEqual(
      before.get('head.cls_score.weight')!.data,
    );
    expect(await source.stateDict()).toEqual(before);
    for (const some of [source, detector, same]) some.dispose();
  });
});

const options = (extra: Partial<TrainOptions> = {}): TrainOptions => ({
  epochs: 2,
  batch: { regions: 32, anchors: 32, proposals: 60 },
  augment: { scale: [1, 1] },
  optimizer: { type: 'adamw', learningRate: 2e-3 },
  random: mulberry32(2),
  ...extra,
});

describe('train', () => {
  test('learns: squares it has not seen are found, by proposals of its own', async () => {
    const detector = tinyFasterRCNN();
    const fresh = squares({ count: 12, seed: 9 });
    const score = () => averagePrecision(detector, fresh);
    const before = await score();
    await collect(train(detector, squares({ count: 24 }), options({ epochs: 14 })));
    expect(before).toBeLessThan(0.3);
    expect(await score()).toBeGreaterThan(0.8);
    let found = 0;
    for (let i = 0; i < fresh.length; i++) {
      const { image, truth } = await fresh.get(i);
      const best = (await detector.propose(image)).subarray(0, 4 * 5);
      if (Math.max(...boxIou(truth.boxes, best)) > 0.5) found++;
    }
    expect(found).toBeGreaterThan(9); // of 12
    detector.dispose();
  }, 300_000);

  test('stopped in mid-epoch and resumed, it goes through the same four losses as an unbroken run', async () => {
    const dataset = squares({ count: 5 });
    const settings = { detector: { head: { hidden: [32], dropout: 0.3 } } };
    const whole = stepLosses(await collect(train(tinyFasterRCNN(settings.detector), dataset, options())));
    const names = ['objectness', 'rpnBoxRegression', 'classification', 'boxRegression'];
    for (const losses of whole) expect(Object.keys(losses)).toEqual(expect.arrayContaining(names));

    const checkpoint = memoryCheckpoint();
    const controller = new AbortController();
    const first: TrainEvent[] = [];
    const interrupted = options({ checkpoint, signal: controller.signal });
    for await (const event of train(tinyFasterRCNN(settings.detector), dataset, interrupted)) {
      first.push(event);
      if (stepLosses(first).length === 4) controller.abort();
    }
    expect(first.at(-1)).toEqual({ type: 'stopped', phase: 'joint' });
    const other = tinyFasterRCNN({ ...settings.detector, random: mulberry32(77) });
    const rest = await collect(train(other, dataset, options({ checkpoint, random: mulberry32(5) })));
    expect(stepLosses([...first, ...rest])).toEqual(whole);
  }, 60_000);

  test('leaves nothing in memory but the weights; empty pictures and other shapes are learned from too', async () => {
    const detector = tinyFasterRCNN();
    const scenes = squares({ count: 3 });
    const dataset = {
      ...scenes,
      get: async (index: number) => {
        const sample = await scenes.get(index);
        if (index !== 1) return sample;
        return {
          ...sample,
          image: noise(90, 64),
          truth: { boxes: new Float32Array(0), labels: new Int32Array(0) },
        };
      },
    };
    await collect(train(detector, dataset, options({ epochs: 1 })));
    const before = tf.memory().numTensors;
    await collect(train(detector, dataset, options({ epochs: 1, batch: { images: 3 } })));
    expect(tf.memory().numTensors).toBe(before);
    detector.dispose();
  }, 60_000);
});
