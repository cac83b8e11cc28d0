import { afterEach, expect, test, vi } from 'vitest';
import { StageClock } from '../src/stageClock';

afterEach(() => vi.restoreAllMocks());

test('a stage’s time is from the end of the one before, and added to what it has', async () => {
  const times = [10, 15, 40, 41.5];
  vi.spyOn(performance, 'now').mockImplementation(() => times.shift()!);
  const clock = new StageClock();
  for (const stage of ['regions', 'head', 'regions']) await clock.lap(stage);
  expect(clock.timings).toEqual({ regions: 5 + 1.5, head: 25 });
});
