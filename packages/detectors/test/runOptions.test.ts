import { mulberry32 } from '@roikit/geometry';
import { beforeAll, describe, expect, test } from 'vitest';
import { train, type TrainEvent, type TrainOptions } from '../src';
import { useTestEngine } from '../../engine/test/testEngine';
import { gridProposals, squares, tinyDetector } from './scenes';

// What `train` is told about the run as a whole is seen in its events and in the weights.

beforeAll(useTestEngine);

const dataset = squares({ count: 5 });
const options = (extra: Partial<TrainOptions> = {}): TrainOptions => ({
  epochs: 2,
  batch: { regions: 8 },
  proposals: gridProposals,
  random: mulberry32(2),
  ...extra,
});

async function run(extra: Partial<TrainOptions> = {}, detector = tinyDetector()): Promise<TrainEvent[]> {
  const all: TrainEvent[] = [];
  for await (const event of train(detector, dataset, options(extra))) all.push(event);
  return all;
}

const ratesOf = (events: TrainEvent[]) =>
  events.flatMap((event) => (event.type === 'step' ? [event.learningRate] : []));
const epochsOf = (events: TrainEvent[]) => events.filter((event) => event.type === 'epoch');

describe('train', () => {
  test('two pictures a step, or as many as it is told', async () => {
    const stepsOf = async (batch?: TrainOptions['batch']) =>
      (await run({ epochs: 1, batch })).find((event) => event.type === 'start')!.stepsPerEpoch;
    expect(await stepsOf()).toBe(3);
    expect(await stepsOf({ images: 4 })).toBe(2);
  });

  test('at the rate and by the schedule it is told', async () => {
    const optimizer = { learningRate: 0.004 };
    expect(ratesOf(await run({ optimizer, schedule: { type: 'constant', warmupSteps: 0 } }))).toEqual(
      Array(6).fill(0.004),
    );
    const step = { type: 'step', milestones: [0.5], gamma: 0.25, warmupSteps: 0 } as const;
    const rates = ratesOf(await run({ optimizer, schedule: { ...step, milestones: [0.5] } }));
    expect(rates).toEqual([0.004, 0.004, 0.004, 0.001, 0.001, 0.001]);
  });

  test('validates every so many epochs and after the last, by the proposals it is given', async () => {
    const seen = new Set<string>();
    const validation = {
      ...squares({ count: 1, seed: 7 }),
      get: async () => {
        const sample = await squares({ count: 1, seed: 7 }).get(0);
        return { ...sample, id: 'validated', image: { ...sample.image, data: sample.image.data.slice() } };
      },
    };
    const proposals: TrainOptions['proposals'] = (image) => {
      seen.add(image.data.subarray(0, 99).join());
      return gridProposals(image);
    };
    const events = await run({ epochs: 5, validateEvery: 2, validation, proposals });
    const progress = events.filter((event) => event.type === 'validation');
    expect(progress.map(({ epoch, done, total }) => [epoch, done, total])).toEqual([
      [2, 1, 1],
      [4, 1, 1],
      [5, 1, 1],
    ]);
    const epochs = epochsOf(events);
    expect(epochs.map(({ validation: report }) => report !== undefined)).toEqual([
      false,
      true,
      false,
      true,
      true,
    ]);
    const { image } = await validation.get();
    expect(seen.has(image.data.subarray(0, 99).join())).toBe(true);
  });

  test('ends after `patience` validations that are no better', async () => {
    const frozen = { learningRate: 1e-12, weightDecay: 0 }; // no epoch is better than the first
    const events = await run({
      epochs: 6,
      patience: 2,
      validation: squares({ count: 1 }),
      optimizer: frozen,
    });
    expect(epochsOf(events).map(({ best }) => best)).toEqual([true, false, false]);
    expect(events.at(-2)).toEqual({ type: 'earlyStop', phase: 'fine-tune', epoch: 3, best: 1 });
  });

  test('`ema` keeps the average of the weights, which lags behind them', async () => {
    const movedBy = async (ema?: number) => {
      const detector = tinyDetector();
      const bias = async () => (await detector.stateDict()).get('head.cls_score.bias')!.data as Float32Array;
      const before = await bias();
      await run({ ema, schedule: { type: 'constant', warmupSteps: 0 } }, detector);
      const after = await bias();
      detector.dispose();
      return Math.hypot(...after.map((value, i) => value - before[i]!));
    };
    const whole = await movedBy();
    expect(whole).toBeGreaterThan(0);
    expect(await movedBy(0.9)).toBeLessThan(0.6 * whole);
    expect(await movedBy(0)).toBeCloseTo(whole, 6);
  });

  test('a backbone whose factor is 0 stays, one of half the rate moves by less', async () => {
    const movedBy = async (backboneFactor: number) => {
      const detector = tinyDetector();
      const name = 'backbone.body.features.0.bias';
      const bias = async () => (await detector.stateDict()).get(name)!.data as Float32Array;
      const before = await bias();
      await run({ epochs: 1, optimizer: { backboneFactor } }, detector);
      const after = await bias();
      detector.dispose();
      return Math.hypot(...after.map((value, i) => value - before[i]!));
    };
    const whole = await movedBy(1);
    expect(await movedBy(0)).toBe(0);
    const half = await movedBy(0.5);
    expect(half).toBeGreaterThan(0);
    expect(half).toBeLessThan(0.75 * whole);
  });

  test('what is no option, or no epoch, is refused by name', async () => {
    await expect(run({ epochs: 0 })).rejects.toThrow('epochs must be a positive integer, got 0');
    await expect(run({ epochs: 1.5 })).rejects.toThrow('epochs must be a positive integer, got 1.5');
    await expect(run({ rounds: 3 } as object)).rejects.toThrow(/rounds/);
    await expect(run({ svm: { cost: 1 } })).rejects.toThrow(/svm/);
  });
});
