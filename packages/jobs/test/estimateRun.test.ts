import { expect, test } from 'vitest';
import { estimateRun } from '../src/estimateRun';

const plan = { pictures: 1e8, shardSize: 1024, rate: 20, slots: 128, detections: 5 };

test('a run of 10⁸ pictures: whole shards, in whole rounds of all slots', () => {
  const { shards, seconds, shardSeconds, queueBytes } = estimateRun(plan);
  expect(shards * 1024).toBeGreaterThanOrEqual(1e8);
  expect((shards - 1) * 1024).toBeLessThan(1e8);
  expect(shardSeconds).toBe(51.2);
  expect(seconds).toBeGreaterThanOrEqual(1e8 / (20 * 128));
  expect(seconds).toBeLessThan(1e8 / (20 * 128) + 2 * shardSeconds);
  expect(queueBytes).toBeLessThan(100e6);
});

test.each([
  [{ slots: undefined }, 'estimateRun: slots must be a number above 0, got undefined'],
  [{ shardSize: 0 }, 'estimateRun: shardSize must be a number above 0, got 0'],
  [{ pictures: NaN }, 'estimateRun: pictures must be a number ≥ 0, got NaN'],
  [{ detections: -1 }, 'estimateRun: detections must be a number ≥ 0, got -1'],
])('%j is no plan', (changes, message) => {
  expect(() => estimateRun({ ...plan, ...changes } as typeof plan)).toThrow(message);
});

test('smaller shards cost the queue more, and the collector less', () => {
  const small = estimateRun({ ...plan, shardSize: 256 });
  const large = estimateRun(plan);
  expect(small.queueBytes / large.queueBytes).toBeCloseTo(4, 2);
  expect(small.queueOperations).toBeGreaterThan(large.queueOperations);
  expect(small.diskBytes).toBe(large.diskBytes);
});
