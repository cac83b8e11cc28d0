import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { mulberry32 } from '@roikit/geometry';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { DivergenceError, resolveOptimizerOptions, type TrainEvent } from '../src';
import { collect, memoryCheckpoint, Toy, toyRun } from './toy';

const stepLosses = (events: readonly TrainEvent[]) =>
  events.flatMap((event) => (event.type === 'step' ? [event.losses] : []));

/** Validation whose scores are given, one an epoch. */
function scripted(scores: readonly number[], seen: number[][] = [], toy?: Toy) {
  let round = 0;
  return async function* () {
    yield { done: 1, total: 2 };
    if (toy) seen.push(toy.values());
    yield { done: 2, total: 2 };
    const score = scores[round++] as number;
    return { score, report: `report ${round}` };
  };
}

describe('gradient descent', () => {
  test('events in order, epochs and steps from 1, the last batch smaller, terms beside their sum', async () => {
    const events = await collect(
      toyRun(new Toy(), { options: { epochs: 2 }, task: { validate: scripted([0.1, 0.2]) } }),
    );
    const epoch = ['step', 'step', 'step', 'validation', 'validation', 'epoch'];
    expect(events.map(({ type }) => type)).toEqual(['start', ...epoch, ...epoch, 'done']);
    expect(events[0]).toEqual({
      type: 'start',
      phase: 'fit',
      epoch: 0,
      epochs: 2,
      stepsPerEpoch: 3,
      resumed: false,
    });
    const steps = events.filter((event) => event.type === 'step');
    expect(steps.map(({ epoch, step }) => [epoch, step])).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 1],
      [2, 2],
      [2, 3],
    ]);
    for (const { losses } of steps) expect(losses.total).toBeCloseTo(losses['fit']! + losses['size']!, 5);
    const [first, second] = events.filter((event) => event.type === 'epoch');
    expect(first).toMatchObject({ epoch: 1, epochs: 2, score: 0.1, validation: 'report 1', best: true });
    expect(second).toMatchObject({ epoch: 2, score: 0.2, best: true });
    const mean = (name: string) =>
      stepLosses(events)
        .slice(0, 3)
        .reduce((sum, losses) => sum + losses[name]! / 3, 0);
    for (const name of ['total', 'fit', 'size']) expect(first!.losses[name]).toBeCloseTo(mean(name), 9);
  });

  test('dropLast leaves the smaller batch out', async () => {
    const events = await collect(toyRun(new Toy(), { options: { epochs: 1, dropLast: true } }));
    expect(stepLosses(events)).toHaveLength(2);
  });

  test('validateEvery, and always after the last epoch', async () => {
    const validate = scripted([0.5, 0.4, 0.6]);
    const events = await collect(
      toyRun(new Toy(), { options: { epochs: 5, validateEvery: 2 }, task: { validate } }),
    );
    const epochs = events.filter((event) => event.type === 'epoch');
    expect(epochs.map(({ score }) => score)).toEqual([undefined, 0.5, undefined, 0.4, 0.6]);
    expect(epochs.map(({ best }) => best)).toEqual([false, true, false, false, true]);
  });

  test('the schedule counts the steps of finished epochs', async () => {
    const options = { epochs: 4, schedule: { type: 'cosine' as const } };
    const events = await collect(toyRun(new Toy(), { options }));
    const rates = events.flatMap((event) => (event.type === 'step' ? [event.learningRate] : []));
    rates.forEach((rate, i) => expect(rate).toBeCloseTo(0.05 * 0.5 * (1 + Math.cos((Math.PI * i) / 12)), 9));
  });

  test('every item once an epoch, in another order each', async () => {
    const seen: number[] = [];
    const toy = new Toy();
    const { prepare } = toy.task();
    const task = {
      prepare: (items: readonly number[], random: () => number) => (
        seen.push(...items),
        prepare(items, random)
      ),
    };
    await collect(toyRun(toy, { task }));
    const epochs = [seen.slice(0, 5), seen.slice(5, 10), seen.slice(10)];
    for (const epoch of epochs) expect(epoch.toSorted()).toEqual([0, 1, 2, 3, 4]);
    expect(new Set(epochs.map(String)).size).toBe(3);
  });

  test('an empty batch changes nothing', async () => {
    const toy = new Toy();
    const events = await collect(toyRun(toy, { task: { isEmpty: () => true } }));
    expect(toy.values()).toEqual([0, 0]);
    expect(stepLosses(events).every(({ total }) => total === 0)).toBe(true);
  });

  test('leaves nothing in memory', async () => {
    const toy = new Toy();
    const prepare = async (items: readonly number[]) =>
      items.map((item) => [item, 1]) as unknown as tf.Tensor2D;
    const losses = (x: tf.Tensor2D) => ({
      fit: tf.mean(tf.square(tf.dot(tf.tensor2d(x as unknown as number[][]), toy.w))) as tf.Scalar,
    });
    const before = tf.memory().numTensors;
    await collect(
      toyRun(toy, {
        options: { ema: 0.9, patience: 3 },
        task: { prepare, losses, validate: scripted([1, 2, 3]) },
      }),
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('what is not finite', () => {
  test.each([NaN, Infinity])(
    'a loss of %s changes no weight; epoch, step and pictures are named',
    async (value) => {
      const toy = new Toy();
      let steps = 0;
      let before: number[] = [];
      const { losses } = toy.task();
      const spoiled = (x: tf.Tensor2D) => {
        before = toy.values();
        const terms = losses(x);
        return ++steps < 5 ? terms : { ...terms, fit: tf.add(terms['fit']!, value) as tf.Scalar };
      };
      const error = await collect(toyRun(toy, { task: { losses: spoiled } })).catch((cause: Error) => cause);
      expect(error).toBeInstanceOf(DivergenceError);
      expect((error as Error).message).toMatch(
        /the loss became (NaN|Infinity) in epoch 2, step 2 \(sample-\d, sample-\d\); the weights are still those of the step before/,
      );
      expect(toy.values()).toEqual(before);
      expect(toy.values().every(Number.isFinite)).toBe(true);
    },
  );

  test('so do gradients of a finite loss', async () => {
    const toy = new Toy();
    const losses = () => ({ root: tf.sqrt(tf.sum(toy.w)) as tf.Scalar }); // √0: 0, with an infinite slope
    await expect(collect(toyRun(toy, { task: { losses } }))).rejects.toThrow(
      /the gradients became (NaN|Infinity) in epoch 1, step 1/,
    );
    expect(toy.values()).toEqual([0, 0]);
  });
});

describe('the average of the weights', () => {
  test('is what is validated, saved and kept; training goes on from the weights themselves', async () => {
    const [plain, averaged] = [new Toy(), new Toy()];
    const plainLosses = stepLosses(await collect(toyRun(plain)));
    const seen: number[][] = [];
    const validate = scripted([1, 2, 3], seen, averaged);
    const atEpoch: number[][] = [];
    const losses: unknown[] = [];
    for await (const event of toyRun(averaged, { options: { ema: 0.8 }, task: { validate } })) {
      if (event.type === 'epoch') atEpoch.push(averaged.values());
      if (event.type === 'step') losses.push(event.losses);
    }
    expect(losses).toEqual(plainLosses);
    expect(atEpoch).toEqual(seen);
    expect(averaged.values()).toEqual(seen[2]);
    expect(averaged.values()).not.toEqual(plain.values());
  });

  test('by its formula', async () => {
    const toy = new Toy();
    let expected = [0, 0];
    for await (const event of toyRun(toy, { options: { epochs: 1, ema: 0.7 } })) {
      const now = toy.values();
      if (event.type === 'step') expected = expected.map((mean, i) => 0.7 * mean + 0.3 * now[i]!);
    }
    toy.values().forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  });

  test('stopped in a validation, the model has its own weights back', async () => {
    const toy = new Toy();
    const cut = async function* () {
      yield { done: 1, total: 9 };
      return undefined;
    };
    let last: number[] = [];
    const events: TrainEvent[] = [];
    for await (const event of toyRun(toy, { options: { ema: 0.9 }, task: { validate: cut } })) {
      if (event.type === 'step') last = toy.values();
      events.push(event);
    }
    expect(events.at(-1)).toEqual({ type: 'stopped', phase: 'fit' });
    expect(toy.values()).toEqual(last);
  });
});

describe('early stopping', () => {
  test('after `patience` validations without a better score, with the best weights', async () => {
    const toy = new Toy();
    const seen: number[][] = [];
    const validate = scripted([0.3, 0.6, 0.5, 0.6, 0.9], seen, toy);
    const events = await collect(toyRun(toy, { options: { epochs: 9, patience: 2 }, task: { validate } }));
    expect(events.filter(({ type }) => type === 'epoch')).toHaveLength(4);
    expect(events.at(-2)).toEqual({ type: 'earlyStop', phase: 'fit', epoch: 4, best: 2 });
    expect(toy.values()).toEqual(seen[1]);
  });

  test('a run that ends by itself keeps the best weights too; without patience the last', async () => {
    for (const [patience, kept] of [
      [5, 0],
      [undefined, 2],
    ] as const) {
      const toy = new Toy();
      const seen: number[][] = [];
      const validate = scripted([0.9, 0.6, 0.5], seen, toy);
      const events = await collect(toyRun(toy, { options: { patience }, task: { validate } }));
      expect(events.some(({ type }) => type === 'earlyStop')).toBe(false);
      expect(toy.values()).toEqual(seen[kept]);
    }
  });
});

describe('checkpoints', () => {
  const settings = { batch: { images: 2, regions: 64 }, data: 'abc' };

  test.each([1, 2, 4, 6, 8])(
    'stopped after step %i and resumed: the same losses and weights, bit for bit',
    async (stop) => {
      const options = {
        ema: 0.9,
        patience: 2,
        optimizer: { type: 'adamw' as const, learningRate: 0.05, clipNorm: 1 },
      };
      const scores = [0.3, 0.5, 0.2]; // after 6 steps the best weights are in the checkpoint alone
      const whole = new Toy();
      const expected = stepLosses(
        await collect(
          toyRun(whole, { options, settings, random: mulberry32(4), task: { validate: scripted(scores) } }),
        ),
      );
      const checkpoint = memoryCheckpoint();
      const controller = new AbortController();
      const first: TrainEvent[] = [];
      const run = { options, settings, checkpoint, signal: controller.signal, random: mulberry32(4) };
      for await (const event of toyRun(new Toy(), { ...run, task: { validate: scripted(scores) } })) {
        first.push(event);
        if (stepLosses(first).length === stop) controller.abort();
      }
      expect(first.at(-1)).toEqual({ type: 'stopped', phase: 'fit' });
      const done = Math.floor(stop / 3);
      const toy = new Toy();
      const rest = await collect(
        toyRun(toy, {
          options,
          settings,
          checkpoint,
          random: mulberry32(99),
          task: { validate: scripted(scores.slice(done)) },
        }),
      );
      expect([...stepLosses(first), ...stepLosses(rest)]).toEqual(expected);
      expect(toy.values()).toEqual(whole.values());
      expect(rest[0]).toMatchObject({ type: 'start', epoch: done, resumed: true });
    },
  );

  test('other settings are refused, and each difference is named', async () => {
    const checkpoint = memoryCheckpoint();
    await collect(toyRun(new Toy(), { settings, checkpoint }));
    const other = { batch: { images: 4, regions: 64 }, data: 'xyz', ema: 0.9 };
    await expect(collect(toyRun(new Toy(), { settings: other, checkpoint }))).rejects.toThrow(
      'train: the checkpoint was made with other settings: batch.images was 2, is 4; data was "abc", is "xyz"; ema was not set, is 0.9.',
    );
  });

  test.each(['phase', 'settings', 'randomState'])('a header without %s is told', async (name) => {
    const checkpoint = memoryCheckpoint();
    await collect(toyRun(new Toy(), { settings, checkpoint }));
    const entry = checkpoint.saved!.get('run')!;
    const { [name]: _, ...rest } = JSON.parse(new TextDecoder().decode(entry.data as Uint8Array)) as object &
      Record<string, unknown>;
    const data = new TextEncoder().encode(JSON.stringify(rest));
    checkpoint.saved!.set('run', { dtype: 'uint8', shape: [data.length], data });
    await expect(collect(toyRun(new Toy(), { settings, checkpoint }))).rejects.toThrow(
      /entry 'run' lacks phase, settings or randomState; start the run anew/,
    );
  });

  test('what is no checkpoint, or another kind of run, is told', async () => {
    const empty = { load: async () => new Map(), save: async () => {} };
    await expect(collect(toyRun(new Toy(), { checkpoint: empty }))).rejects.toThrow(/has no entry 'run'/);
    const checkpoint = memoryCheckpoint();
    await collect(toyRun(new Toy(), { settings, checkpoint }));
    const state = checkpoint.saved!;
    const adam = { optimizer: { type: 'adamw' as const } };
    await expect(collect(toyRun(new Toy(), { settings, checkpoint, options: adam }))).rejects.toThrow(
      /optimizer state does not fit \(entry w.1: expected 2 values, got none\)/,
    );
    const header = JSON.parse(new TextDecoder().decode(state.get('run')!.data as Uint8Array)) as object;
    const data = new TextEncoder().encode(JSON.stringify({ ...header, phase: 'svm' }));
    state.set('run', { dtype: 'uint8', shape: [data.length], data });
    await expect(collect(toyRun(new Toy(), { settings, checkpoint }))).rejects.toThrow(
      /stands in the phase 'svm'.*\(fit\)/,
    );
  });
});

test('defaults of the optimizer are the paper’s', () => {
  const common = {
    backboneFactor: 1,
    momentum: 0.9,
    betas: [0.9, 0.999],
    weightDecay: 0.0005,
    clipNorm: null,
  };
  expect(resolveOptimizerOptions()).toEqual({ type: 'sgd', learningRate: 0.001, ...common });
  expect(resolveOptimizerOptions({ type: 'adamw' })).toEqual({
    type: 'adamw',
    learningRate: 0.001,
    ...common,
  });
});

test('a checkpoint that is further than the run, or holds NaN, is refused', async () => {
  const checkpoint = memoryCheckpoint();
  await collect(toyRun(new Toy(), { checkpoint }));
  await expect(collect(toyRun(new Toy(), { checkpoint, options: { epochs: 2 } }))).rejects.toThrow(
    'train: epochs must be at least the 3 that the checkpoint has behind it, got 2',
  );
  checkpoint.saved!.get('phase.optimizer.w.0')!.data[1] = NaN;
  await expect(collect(toyRun(new Toy(), { checkpoint, options: { epochs: 4 } }))).rejects.toThrow(
    /the checkpoint: phase\.optimizer\.w\.0 holds NaN at element 1/,
  );
});
