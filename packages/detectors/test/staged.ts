import type { Dataset } from '@roikit/datasets';
import { mulberry32, type SeededRandom } from '@roikit/geometry';
import type { StateDict } from '@roikit/weights';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import {
  packDetector,
  train,
  unpackDetector,
  type GeneralizedRCNN,
  type TrainEvent,
  type TrainOptions,
} from '../src';
import { collect, fileCheckpoint } from '../../training/test/runs';
import { averagePrecision } from './averagePrecision';
import { gridProposals, squares } from './scenes';

// What holds for every detector that is trained in stages: fine-tuned, then fitted with SVMs and box regressors.

export const options = (extra: Partial<TrainOptions> = {}): TrainOptions => ({
  epochs: 1,
  batch: { images: 2, regions: 16 },
  optimizer: { type: 'adamw', learningRate: 1e-3 },
  proposals: gridProposals,
  random: mulberry32(2),
  ...extra,
});

const averagePrecisionOfSquares = (detector: GeneralizedRCNN, count: number) =>
  averagePrecision(detector, squares({ count, seed: 9 }), { proposals: gridProposals });

export function expectClose(got: StateDict, expected: StateDict): void {
  expect([...got.keys()]).toEqual([...expected.keys()]);
  for (const [name, { data }] of expected) {
    const values = got.get(name)?.data as Float32Array;
    const far = (data as Float32Array).findIndex((value, i) => !(Math.abs(value - values[i]!) <= 1e-6));
    expect(far, `${name}[${far}]: ${values[far]}, not ${data[far]}`).toBe(-1);
  }
}

/** The weights of a run that nothing stopped, computed once. */
function unbrokenRun(make: () => GeneralizedRCNN, dataset: Dataset): () => Promise<StateDict> {
  let whole: Promise<StateDict> | undefined;
  const run = async () => {
    const detector = make();
    await collect(train(detector, dataset, options()));
    return detector.stateDict();
  };
  return () => (whole ??= run());
}

/** What a run does after its gradient descent, by phase. */
export const TASKS = {
  svm: ['feature norm', 'objects', 'hard negatives'],
  boxes: ['feature norm', 'box regressors'],
};

// Two dozen objects weigh little beside C and λ, which the papers chose for thousands.
const FEW: { [Phase in keyof typeof TASKS]: TrainOptions[Phase] } = {
  svm: { cost: 0.1 },
  boxes: { lambda: 1 },
};

export function stagedDetectorTests(
  make: (random?: SeededRandom) => GeneralizedRCNN,
  {
    epochs,
    fitted = ['svm', 'boxes'],
    ...extra
  }: Partial<TrainOptions> & { fitted?: (keyof typeof TASKS)[] },
): void {
  const dataset = squares({ count: 6 });

  test('learns the squares, and says the same once saved and loaded', async () => {
    const detector = make();
    expect(await averagePrecisionOfSquares(detector, 6)).toBeLessThan(0.3);
    const few = Object.fromEntries(fitted.map((phase) => [phase, FEW[phase]]));
    const events = await collect(
      train(detector, squares({ count: 24 }), options({ epochs, ...few, ...extra })),
    );
    const tasks = events.flatMap((event) => (event.type === 'progress' ? [event.task] : []));
    expect(new Set(tasks)).toEqual(new Set(['proposals', ...fitted.flatMap((phase) => TASKS[phase])]));
    expect(await averagePrecisionOfSquares(detector, 12)).toBeGreaterThan(0.8);

    const { image } = await squares({ count: 1, seed: 9 }).get(0);
    const proposals = gridProposals(image);
    const { timings: _, ...expected } = await detector.detect(image, { proposals });
    const loaded = await unpackDetector(await packDetector(detector));
    const { timings: __, ...got } = await loaded.detect(image, { proposals });
    expect(got).toEqual(expected);
    expect(expected.scores.length).toBeGreaterThan(0);
    expect(loaded.config).toEqual(detector.config);
    for (const one of [detector, loaded]) one.dispose();
  });

  const unbroken = unbrokenRun(make, dataset);
  test.each(['fine-tune', ...fitted])(
    'killed twice at random moments of the phase %s, with no time to save',
    async (phase) => {
      const checkpoint = fileCheckpoint();
      const random = mulberry32(phase.length);
      for (let kill = 0; kill < 2; kill++) {
        let left = 1 + Math.floor(random() * 6); // of the phase's events
        const events = train(make(), dataset, options({ checkpoint }));
        for await (const event of events) {
          if ('phase' in event && event.phase === phase && --left === 0) break;
        }
        expect(left).toBe(0);
      }
      const other = make();
      const rest = await collect(train(other, dataset, options({ checkpoint })));
      expect(rest.at(-1)).toEqual({ type: 'done' });
      expectClose(await other.stateDict(), await unbroken());
    },
  );

  test('leaves nothing in memory but the weights', async () => {
    const detector = make();
    const { image } = await dataset.get(0);
    const run = async () => {
      await collect(train(detector, dataset, options()));
      await detector.detect(image, { proposals: gridProposals(image) });
    };
    await run();
    const before = tf.memory().numTensors;
    await run();
    expect(tf.memory().numTensors).toBe(before);
    detector.dispose();
  });

  test('early stopping, which nothing could decide, is refused', async () => {
    const events = train(make(), dataset, options({ patience: 2, validation: dataset }));
    await expect(collect(events)).rejects.toThrow(/leave patience out/);
  });
}

/** Stopped by a signal in every task of every phase, a run saves where it is and goes on from there. */
export function stoppedRunTests(make: (random?: SeededRandom) => GeneralizedRCNN): void {
  const dataset = squares({ count: 6 });
  const unbroken = unbrokenRun(make, dataset);

  test.each([
    ['fine-tune', 'step', 2],
    ['svm', 'feature norm', 3],
    ['svm', 'objects', 3],
    ['svm', 'hard negatives', 3],
    ['boxes', 'feature norm', 4],
    ['boxes', 'box regressors', 3],
  ])('in the phase %s (%s %i), the weights are those of an unbroken run', async (phase, task, at) => {
    const checkpoint = fileCheckpoint();
    const controller = new AbortController();
    const first: TrainEvent[] = [];
    const cut = options({ checkpoint, signal: controller.signal });
    for await (const event of train(make(), dataset, cut)) {
      first.push(event);
      const done =
        event.type === 'step'
          ? event.step
          : event.type === 'progress' && event.task === task
            ? event.done
            : 0;
      if ('phase' in event && event.phase === phase && done === at) controller.abort();
    }
    expect(first.at(-1)).toEqual({ type: 'stopped', phase });
    const other = make(mulberry32(77)); // all that matters comes from the checkpoint
    const rest = await collect(train(other, dataset, options({ checkpoint, random: mulberry32(5) })));
    expect(rest.at(-1)).toEqual({ type: 'done' });
    expectClose(await other.stateDict(), await unbroken());
  });
}
