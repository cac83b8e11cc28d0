import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { describe, expect, test } from 'vitest';
import type { TrainEvent } from '../src';
import { collect, stepLosses } from './runs';
import { scripted, Toy, toyRun } from './toy';

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
