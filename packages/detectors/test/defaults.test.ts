import { beforeAll, describe, expect, test } from 'vitest';
import { useTestEngine } from '../../engine/test/testEngine';
import { mulberry32 } from '@roikit/geometry';
import { lateralConvs } from '../src/backbone/neck';
import { defaultEpochs, resolveLearning, type LearningOptions } from '../src/training/defaults';

beforeAll(useTestEngine);

describe('resolveLearning', () => {
  const about = { images: 300, pretrained: true, batch: 2 };

  test('a pretrained detector learns by AdamW, clipped, down a cosine', () => {
    expect(resolveLearning({}, about)).toEqual({
      epochs: 11,
      optimizer: {
        type: 'adamw',
        learningRate: 0.001,
        backboneFactor: 0.2,
        weightDecay: 0.0005,
        clipNorm: 10,
      },
      schedule: { type: 'cosine', warmupSteps: 50 },
    });
  });

  test('a random backbone learns at the rate of the head', () => {
    expect(resolveLearning({}, { ...about, pretrained: false }).optimizer.backboneFactor).toBe(1);
  });

  test('SGD has a rate of its own', () => {
    expect(resolveLearning({ optimizer: { type: 'sgd' } }, about).optimizer.learningRate).toBe(0.003);
  });

  test.each([{ milestones: [0.5] }, { gamma: 0.2 }])(
    'a schedule of %o alone has steps, and is no cosine',
    (schedule) => {
      expect(resolveLearning({ schedule }, about).schedule).toEqual({
        type: 'step',
        warmupSteps: 50,
        ...schedule,
      });
    },
  );

  test('what the caller says stays', () => {
    const given = {
      epochs: 3,
      optimizer: { type: 'sgd', learningRate: 0.01, backboneFactor: 0.5, weightDecay: 0, clipNorm: null },
      schedule: { type: 'step', milestones: [0.5], gamma: 0.2, warmupSteps: 0 },
    } as const;
    const options = { ...given, schedule: { ...given.schedule, milestones: [0.5] }, ema: 0.9 };
    expect(resolveLearning(options, about)).toEqual(options);
  });

  test('a short run warms up for an epoch, however many it has', () => {
    const few = { ...about, images: 24 };
    const stepsOf = (options: LearningOptions, batch = 2) =>
      resolveLearning(options, { ...few, batch }).schedule.warmupSteps;
    expect(stepsOf({ epochs: 6, batch: { images: 3 } })).toBe(8);
    expect(stepsOf({})).toBe(12);
    expect(stepsOf({}, 8)).toBe(3);
  });

  test.each([
    [1, 36],
    [89, 36],
    [106, 30],
    [132, 24],
    [234, 14],
    [363, 9],
    [5011, 6],
  ])('%d pictures are gone through %d times', (images, epochs) => {
    expect(defaultEpochs(images)).toBe(epochs);
  });
});

test('lateral convolutions start from N(0, .01)', () => {
  const neck = lateralConvs({ inputChannels: [64, 256], channels: 32, random: mulberry32(3) });
  for (const layer of neck.layers.slice(2)) {
    const [kernel, bias] = layer.getWeights().map((weight) => [...weight.dataSync()]) as [number[], number[]];
    const variance = kernel.reduce((sum, value) => sum + value ** 2, 0) / kernel.length;
    expect(Math.sqrt(variance)).toBeCloseTo(0.01, 3);
    expect(bias.every((value) => value === 0)).toBe(true);
  }
  neck.dispose();
});
