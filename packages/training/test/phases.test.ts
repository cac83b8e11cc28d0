import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { mulberry32 } from '@roikit/geometry';
import { readStateDict, writeSafetensors } from '@roikit/weights';
import { describe, expect, test } from 'vitest';
import { GradientDescent, runPhases, type CheckpointStore, type PhaseEntry, type TrainEvent } from '../src';
import { collect } from './runs';
import { Toy, toyRun } from './toy';

/** Through the bytes of a file, as a run on disk. */
function fileCheckpoint(): CheckpointStore {
  let saved: Uint8Array | undefined;
  return {
    load: async () => saved && readStateDict(saved),
    save: async (state) => void (saved = writeSafetensors(state)),
  };
}

/** Two phases of two epochs of three steps, the second at half the rate. */
function twoPhases(
  toy: Toy,
  run: { checkpoint?: CheckpointStore; signal?: AbortSignal; seed?: number } = {},
) {
  const { seed = 4, ...rest } = run;
  const random = mulberry32(seed);
  const phase = (name: string, learningRate: number): PhaseEntry<string> => ({
    name,
    create: () =>
      new GradientDescent(toy.task(), {
        phase: name,
        epochs: 2,
        batchSize: 2,
        optimizer: { type: 'sgd', learningRate },
        random,
      }),
  });
  const settings = { rate: 1 };
  return runPhases(toy, [phase('first', 0.05), phase('second', 0.025)], { settings, random, ...rest });
}

const starts = (events: TrainEvent[]) =>
  events.flatMap((event) => (event.type === 'start' ? [[event.phase, event.epoch, event.resumed]] : []));
const steps = (events: TrainEvent[]) =>
  events.flatMap((event) => (event.type === 'step' ? [[event.phase, event.epoch, event.losses.total]] : []));

describe('runPhases', () => {
  test('one after the other, each from its beginning; every epoch is saved', async () => {
    const events = await collect(twoPhases(new Toy(), { checkpoint: fileCheckpoint() }));
    expect(starts(events)).toEqual([
      ['first', 0, false],
      ['second', 0, false],
    ]);
    expect(steps(events)).toHaveLength(12);
    expect(events.filter(({ type }) => type === 'checkpoint')).toEqual([
      { type: 'checkpoint', phase: 'first' },
      { type: 'checkpoint', phase: 'first' },
      { type: 'checkpoint', phase: 'second' },
      { type: 'checkpoint', phase: 'second' },
    ]);
    expect(events.at(-1)).toEqual({ type: 'done' });
  });

  test.each([2, 5, 6, 8, 11])(
    'stopped after %i of twelve steps and taken up again, the same',
    async (stop) => {
      const whole = new Toy();
      const expected = steps(await collect(twoPhases(whole)));
      const checkpoint = fileCheckpoint();
      const controller = new AbortController();
      const first: TrainEvent[] = [];
      for await (const event of twoPhases(new Toy(), { checkpoint, signal: controller.signal })) {
        first.push(event);
        if (steps(first).length === stop) controller.abort();
      }
      const toy = new Toy();
      const rest = await collect(twoPhases(toy, { checkpoint, seed: 99 }));
      expect([...steps(first), ...steps(rest)]).toEqual(expected);
      expect(toy.values()).toEqual(whole.values());
      const [phase, epoch] = [stop < 6 ? 'first' : 'second', Math.floor((stop % 6) / 3)];
      // What comes after the phase that was taken up begins anew.
      const after = phase === 'first' ? [['second', 0, false]] : [];
      expect(starts(rest)).toEqual([[phase, epoch, true], ...after]);
    },
  );
});

test('patience counts validations, not epochs', async () => {
  const scores = [0.5, 0.4, 0.3, 0.2];
  let round = 0;
  const validate = async function* () {
    yield { done: 1, total: 1 };
    return { score: scores[round++]!, report: '' };
  };
  const options = { epochs: 12, validateEvery: 3, patience: 2 };
  const events = await collect(toyRun(new Toy(), { options, task: { validate } }));
  expect(events.at(-2)).toEqual({ type: 'earlyStop', phase: 'fit', epoch: 9, best: 3 });
});
