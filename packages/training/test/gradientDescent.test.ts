import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { DivergenceError } from '../src';
import { collect, stepLosses } from './runs';
import { scripted, Toy, toyRun } from './toy';

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

  test('a schedule with options that it would ignore is refused', async () => {
    const options = { schedule: { type: 'cosine' as const, gamma: 0.5 } };
    await expect(collect(toyRun(new Toy(), { options }))).rejects.toThrow(
      "GradientDescent: gamma: expected with type 'step', got 'cosine', which would ignore it; leave gamma out",
    );
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
