import { SampleError, type Dataset } from '@roikit/datasets';
import { describe, expect, test } from 'vitest';
import { detectAll, evaluate, type Detector, type TimedDetections } from '../src';

const nothing: TimedDetections = {
  boxes: new Float32Array(),
  labels: new Int32Array(),
  scores: new Float32Array(),
  timings: {},
};

/** Answers after a turn of the event loop, later pictures sooner than earlier ones, and counts those in hand. */
function counting(workers?: number) {
  const seen = { begun: [] as number[], most: 0, now: 0 };
  const detector = {
    config: { classes: ['cat'] },
    scores: 'probability',
    ...(workers !== undefined && { workers }),
    detect: async ({ width }: { width: number }) => {
      seen.begun.push(width);
      seen.most = Math.max(seen.most, ++seen.now);
      for (let turns = 20 - width; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
      seen.now--;
      return { ...nothing, timings: { width } };
    },
  } as unknown as Detector;
  return { detector, seen };
}

const picture = (width: number) => ({ data: new Uint8Array(3 * width), width, height: 1 });
const pictures = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(picture);

describe('detectAll', () => {
  test.each([
    [undefined, 1],
    [1, 1],
    [2, 4],
    [3, 6],
  ])('with %s workers: %i pictures in hand, results in order', async (workers, most) => {
    const { detector, seen } = counting(workers);
    const widths: number[] = [];
    for await (const { timings } of detectAll(detector, pictures)) widths.push(timings['width']!);
    expect(widths).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(seen.most).toBe(most);
  });

  test('alone it begins nothing before it is asked for', async () => {
    const { detector, seen } = counting();
    const results = detectAll(detector, pictures);
    expect(seen.begun).toEqual([]);
    await results.next();
    expect(seen.begun).toEqual([1]);
  });
});

test('evaluate: after an abort there is no event more, though pictures are in hand', async () => {
  const { detector } = counting(2);
  const dataset: Dataset = {
    name: 'nine',
    classes: ['cat'],
    length: 9,
    id: String,
    get: async (index) => {
      if (index === 1) throw new SampleError('b', { what: 'is broken', cure: 'mend it' });
      const truth = { boxes: Float32Array.of(0, 0, 1, 1), labels: Int32Array.of(1) };
      return { id: String(index), image: pictures[index]!, truth };
    },
  };
  const controller = new AbortController();
  const events = evaluate(detector, dataset, { signal: controller.signal });
  const types: string[] = [];
  let next = await events.next();
  for (; !next.done; next = await events.next()) {
    types.push(next.value.type);
    if (types.length === 3) controller.abort();
  }
  expect(types).toEqual(['image', 'skipped', 'image']);
  expect([next.value.images, next.value.skipped]).toEqual([2, 1]);
});
