import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { mulberry32 } from '@roikit/geometry';
import { describe, expect, test } from 'vitest';
import { storedTraining, type TrainEvent } from '../src';
import { collect, memoryCheckpoint, stepLosses } from './runs';
import { scripted, Toy, toyRun } from './toy';

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

  test('options that a version before stored, and ignored, do not keep a run from going on', async () => {
    const checkpoint = memoryCheckpoint();
    const before = {
      optimizer: { type: 'adamw', momentum: 0.9, betas: [0.9, 0.99] },
      schedule: { type: 'cosine', gamma: 0.1, warmupSteps: 3 },
    };
    await collect(toyRun(new Toy(), { settings: { ...settings, training: before }, checkpoint }));
    const now = {
      optimizer: { type: 'adamw', betas: [0.9, 0.99] },
      schedule: { type: 'cosine', warmupSteps: 3 },
    };
    expect(storedTraining(before)).toEqual(now);
    const next = { checkpoint, options: { epochs: 4 } };
    const events = await collect(toyRun(new Toy(), { ...next, settings: { ...settings, training: now } }));
    expect(events.at(-1)).toEqual({ type: 'done' });
    const other = { ...now, optimizer: { type: 'adamw', betas: [0.8, 0.99] } };
    await expect(
      collect(toyRun(new Toy(), { ...next, settings: { ...settings, training: other } })),
    ).rejects.toThrow('settings: training.optimizer.betas was [0.9,0.99], is [0.8,0.99]. Resume');
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
