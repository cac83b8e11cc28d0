import { expect, test } from 'vitest';
import { scheduleFactor, type ScheduleOptions } from '../src/schedule';

test('step: Fast R-CNN drops to a tenth after 30 k of 40 k steps', () => {
  expect(scheduleFactor(29_999, 40_000)).toBe(1);
  expect(scheduleFactor(30_000, 40_000)).toBeCloseTo(0.1, 12);
  const twice: ScheduleOptions = { type: 'step', milestones: [0.5, 0.75], gamma: 0.5 };
  expect([0, 5, 8].map((step) => scheduleFactor(step, 10, twice))).toEqual([1, 0.5, 0.25]);
});

test('cosine: 1 at the start, a half in the middle, 0 at the end', () => {
  const at = (step: number) => scheduleFactor(step, 100, { type: 'cosine' });
  expect(at(0)).toBe(1);
  expect(at(50)).toBeCloseTo(0.5, 12);
  expect(at(100)).toBeCloseTo(0, 12);
});

test('warm-up rises in a line to the full rate, then the schedule goes on', () => {
  const at = (step: number) => scheduleFactor(step, 100, { type: 'constant', warmupSteps: 10 });
  expect(at(0)).toBeCloseTo(0.1009, 4);
  expect(at(4)).toBeCloseTo(0.5005, 4);
  expect(at(9)).toBe(1);
  expect(at(50)).toBe(1);
});
