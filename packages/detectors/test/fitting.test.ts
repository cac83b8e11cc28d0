import type { Boxes } from '@roikit/geometry';
import type { PhaseEntry } from '@roikit/training';
import { readStateDict, writeSafetensors, type StateDict } from '@roikit/weights';
import { describe, expect, test } from 'vitest';
import { boxesPhase } from '../src/training/boxesPhase';
import { evenly } from '../src/training/fittingPhase';
import type { BoxesOptions, SvmOptions } from '../src/training/stagedTraining';
import { svmPhase } from '../src/training/svmPhase';
import { data, fake, regressorsByHand, svmsByHand } from './fittingTwin';

// SVMs and box regressors on features that a formula gives: what is fitted is what a loop over all images fits.

interface Seen {
  /** Progress by task: its last `done` and its total. */
  tasks: Record<string, [number, number]>;
  saves: number;
  ended: boolean;
}

/**
 * Runs a phase to its end, or up to `stopAfter` images in all; `state` is where it goes on from and what it leaves, as a file
 * gives it back.
 */
async function run(
  entry: PhaseEntry<never>,
  { stopAfter = Infinity, state = new Map() }: { stopAfter?: number; state?: StateDict } = {},
) {
  const phase = entry.create();
  if (state.size > 0) phase.restore(state);
  const controller = new AbortController();
  const seen: Seen = { tasks: {}, saves: 0, ended: false };
  const events = phase.run({
    signal: controller.signal,
    resumed: state.size > 0,
    save: async function* () {
      seen.saves++;
      yield { type: 'checkpoint', phase: entry.name };
    },
  });
  let images = 0;
  for (;;) {
    const next = await events.next();
    if (next.done) {
      seen.ended = next.value;
      break;
    }
    if (next.value.type !== 'progress') continue;
    seen.tasks[next.value.task] = [next.value.done, next.value.total];
    if (++images === stopAfter) controller.abort();
  }
  return { seen, state: await readStateDict(writeSafetensors(await phase.state())) };
}

const numbersOf = (machines: readonly object[]) =>
  machines.flatMap((machine) =>
    Object.entries(machine).flatMap(([name, value]) =>
      ['weights', 'bias'].includes(name)
        ? [value as number | Float32Array].flatMap((v) => (typeof v === 'number' ? [v] : [...v]))
        : [],
    ),
  );

function expectSame(got: readonly object[], expected: readonly object[]): void {
  const [own, others] = [numbersOf(got), numbersOf(expected)];
  expect(own).toHaveLength(others.length);
  own.forEach((value, i) => expect(value).toBeCloseTo(others[i]!, 6));
}

describe('the SVMs', () => {
  const plain = svmsByHand({});

  test.each<SvmOptions>([
    {},
    { featureNorm: 5 },
    { regions: 12 },
    { negativeNms: 0.2 },
    { negativeIou: 0.1 },
    { negativeIou: 0.1, negativeNms: 0.3 },
    { cost: 0.01, biasMultiplier: 3, positiveWeight: 5 },
    { retrainAfter: 40, hardThreshold: -0.9, evictThreshold: -1.05, maxNegatives: 100 },
  ])('are those of a loop over the images, with %o', async (options) => {
    const { detector, fitted } = fake();
    const { seen } = await run(svmPhase(detector, data, options));
    expectSame(fitted.svms!, svmsByHand(options));
    if (Object.keys(options).length > 0) expect(numbersOf(fitted.svms!)).not.toEqual(numbersOf(plain));
    expect(seen).toEqual({
      tasks: { 'feature norm': [50, 50], objects: [60, 60], 'hard negatives': [60, 60] },
      saves: 3,
      ended: true,
    });
    expect(fitted.open).toBe(0);
  });

  test.each([1, 50, 73, 110, 131, 169])(
    'stopped after %i images and taken up again, the same',
    async (stopAfter) => {
      const first = await run(svmPhase(fake().detector, data), { stopAfter });
      expect(first.seen.ended).toBe(false);
      const { detector, fitted } = fake();
      await run(svmPhase(detector, data), { state: first.state });
      expect(fitted.svms).toEqual(plain);
    },
  );
});

describe('the box regressors', () => {
  test.each<BoxesOptions>([{}, { lambda: 3 }, { minIou: 0.8 }, { regions: 20 }, { featureNorm: 3 }])(
    'are those of a loop over the images, with %o',
    async (options) => {
      const { detector, fitted } = fake();
      const { seen } = await run(boxesPhase(detector, data, options));
      expectSame(fitted.regressors as object[], regressorsByHand(options));
      if (Object.keys(options).length > 0)
        expect(numbersOf(fitted.regressors as object[])).not.toEqual(numbersOf(regressorsByHand({})));
      expect(seen.tasks).toEqual({ 'feature norm': [50, 50], 'box regressors': [60, 60] });
      expect(fitted.open).toBe(0);
    },
  );

  test.each([20, 50, 90])('stopped after %i images and taken up again, the same', async (stopAfter) => {
    const first = await run(boxesPhase(fake().detector, data), { stopAfter });
    const { detector, fitted } = fake();
    await run(boxesPhase(detector, data), { state: first.state });
    expectSame(fitted.regressors as object[], regressorsByHand({}));
  });
});

test('some boxes from all over the list', () => {
  const boxes = Float32Array.from({ length: 40 }, (_, i) => i);
  const firsts = (some: Boxes) => [...some].filter((_, i) => i % 4 === 0).map((value) => value / 4);
  expect(firsts(evenly(boxes, 4))).toEqual([0, 2, 5, 7]);
  expect(firsts(evenly(boxes, 9))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  for (const count of [10, 11, undefined]) expect(evenly(boxes, count)).toBe(boxes);
});
