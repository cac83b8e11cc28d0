import { SampleError, type Dataset } from '@roikit/datasets';
import { useEngine } from '@roikit/engine';
import type { RgbImage } from '@roikit/image';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  detectAll,
  evaluate,
  type Detector,
  type EvaluateEvent,
  type FastRCNN,
  type Report,
  type TimedDetections,
} from '../src';
import { detectorPool, saveDetector, type DetectorPool } from '../src/node';
import { gridProposals, squares, tinyDetector } from './scenes';

const folder = mkdtempSync(join(tmpdir(), 'roikit-pool-'));
let single: FastRCNN;
let pool: DetectorPool;
beforeAll(async () => {
  await useEngine('wasm');
  single = tinyDetector({ proposals: { mode: 'single', maxProposals: 40 } });
  await saveDetector(single, folder);
  pool = await detectorPool({ folder, workers: 2 });
});
afterAll(async () => {
  await pool.dispose();
  single.dispose();
  rmSync(folder, { recursive: true });
});

/** Unequal sizes, the large ones first, so that threads finish out of order. */
const dataset = squares({ count: 9 });
const sizes = [160, 64, 72, 150, 64, 80, 64, 90, 64];
const images = (): Promise<RgbImage[]> =>
  Promise.all(sizes.map(async (size, i) => (await squares({ count: 9, size }).get(i)).image));

const withoutTimings = ({ boxes, scores, labels }: TimedDetections) => ({ boxes, scores, labels });

async function run(detector: Detector, data: Dataset, signal?: AbortSignal) {
  const seen: EvaluateEvent[] = [];
  const events = evaluate(detector, data, { proposals: gridProposals, signal });
  for (;;) {
    const { done, value } = await events.next();
    if (done) return { seen, report: value satisfies Report };
    seen.push(value);
  }
}

test('two workers find what one finds, in the order of the images', async () => {
  const options = { scoreThreshold: 0.01 };
  const found: TimedDetections[] = [];
  for await (const detections of detectAll(pool, await images(), options)) found.push(detections);
  const expected: TimedDetections[] = [];
  for (const image of await images()) expected.push(await single.detect(image, options));
  expect(found.map(withoutTimings)).toEqual(expected.map(withoutTimings));
  expect(new Set(expected.map(({ labels }) => labels.length)).size).toBeGreaterThan(1);
  expect(found.every(({ timings }) => timings.backbone! > 0 && timings.proposals! > 0)).toBe(true);
});

test('the boxes that were looked at come along, the detector’s own or those that were brought', async () => {
  const image = (await images())[1]!;
  for (const options of [{}, { proposals: gridProposals(image), scoreThreshold: 0.01 }]) {
    const found = await pool.detectWithProposals!(image, options);
    const expected = await single.detectWithProposals(image, options);
    expect(found.proposals).toEqual(expected.proposals);
    expect(found.proposals.length).toBeGreaterThan(0);
    expect(withoutTimings(found)).toEqual(withoutTimings(expected));
  }
});

test('the report of two workers is that of one', async () => {
  const [one, two] = [await run(single, dataset), await run(pool, dataset)];
  const { timings: _, ...metrics } = one.report;
  expect(two.report).toMatchObject(metrics);
  const ids = (events: EvaluateEvent[]) => events.map(({ id }) => id);
  expect(ids(two.seen)).toEqual(ids(one.seen));
});

test('a bad sample is told in its place and the others go on', async () => {
  const bad = (index: number) => index === 0 || index === 3;
  const broken: Dataset = {
    ...dataset,
    get: async (index) => {
      if (bad(index)) throw new SampleError(`${index}.jpg`, { what: 'is no picture', cure: 'remove it' });
      return dataset.get(index);
    },
  };
  const { seen, report } = await run(pool, broken);
  expect(seen.map(({ type }) => type === 'skipped')).toEqual(sizes.map((_, index) => bad(index)));
  expect([report.images, report.skipped]).toEqual([7, 2]);
});

test('an image at a time with one detector, two a worker with a pool', async () => {
  for (const { workers, most } of [
    { workers: undefined, most: 1 },
    { workers: 3, most: 6 },
  ]) {
    let [now, seen] = [0, 0];
    const counting: Detector = {
      config: single.config,
      workers,
      dispose: () => {},
      detect: async () => {
        seen = Math.max(seen, ++now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        now--;
        return {} as TimedDetections;
      },
    };
    for await (const _ of detectAll(counting, await images()));
    expect(seen).toBe(most);
  }
});

test('aborted, it ends with what it has and waits for no more', async () => {
  const controller = new AbortController();
  const events = evaluate(pool, dataset, { proposals: gridProposals, signal: controller.signal });
  await events.next();
  controller.abort();
  const { done, value } = await events.next();
  expect(done && value.images).toBe(1);
});

test('disposed, the images still at work are rejected', async () => {
  const other = await detectorPool({ folder, workers: 1 });
  const [image] = await images();
  const results = Promise.allSettled([other.detect(image!), other.detect(image!)]);
  await other.dispose();
  expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test('what is wrong is said before any image', async () => {
  await expect(detectorPool({ folder, workers: 0 })).rejects.toThrow(/workers must be a positive integer/);
  await expect(detectorPool({ folder, workers: 2, engine: 'tensorflow' as 'wasm' })).rejects.toThrow(
    /detectorPool: engine must be wasm or cpu, got tensorflow/,
  );
  const nowhere = join(folder, 'nowhere');
  await expect(detectorPool({ folder: nowhere, workers: 2 })).rejects.toThrow(/nowhere has no readable/);
});
