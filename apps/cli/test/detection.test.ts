import type { Detector, TimedDetections } from '@roikit/detectors';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { detectSources } from '../src/detection/detectSources';
import { openResults, readResults } from '../src/detection/resultsFile';
import { errorLine } from '../src/errors';
import { baseName, pictureNames } from '../src/pictures/pictureNames';
import { wantsColor } from '../src/terminal/color';
import { MetricsLog } from '../src/training/log';
import { usefulWorkers } from '../src/pictures/workers';
import { temporaryFolder } from './support';

let folder: string;
const files: string[] = [];
beforeAll(async () => {
  folder = temporaryFolder();
  for (let i = 0; i < 5; i++) {
    const file = join(folder, `${i}.png`);
    const background = { r: 40 * i, g: 0, b: 0 };
    await sharp({ create: { width: 8 + i, height: 6, channels: 3, background } })
      .png()
      .toFile(file);
    files.push(file);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Says how wide the picture is, and fails on one. */
function fakeDetector({ workers, failsOn }: { workers?: number; failsOn?: number } = {}): Detector {
  return {
    config: { classes: ['a'] } as unknown as Detector['config'],
    workers,
    detect: async ({ width }): Promise<TimedDetections> => {
      if (width === failsOn) throw new Error('the GPU is gone');
      // The first takes longest: order must not depend on who is done first.
      await new Promise((resolve) => setTimeout(resolve, 2 * (13 - width)));
      return {
        boxes: Float32Array.of(0, 0, width, 1),
        scores: Float32Array.of(1),
        labels: Int32Array.of(1),
        timings: {},
      };
    },
    dispose: () => {},
  };
}

async function outcomes(detector: Detector, sources = files) {
  const all: (number | string)[] = [];
  for await (const found of detectSources(sources, detector))
    all.push('error' in found ? found.error : found.detections.boxes[2]!);
  return all;
}

test.each([1, 3])(
  'order is that of the sources; what fails keeps its place (%i workers)',
  async (workers) => {
    const missing = join(folder, 'missing.png');
    const sources = [files[0]!, missing, ...files.slice(1)];
    expect(await outcomes(fakeDetector({ workers, failsOn: 10 }), sources)).toEqual([
      8,
      `${missing}: there is no such file; check the path`,
      9,
      `${files[2]}: the GPU is gone`,
      11,
      12,
    ]);
  },
);

test('when the signal is aborted, what is in hand is finished and nothing more is begun', async () => {
  const controller = new AbortController();
  const found: string[] = [];
  for await (const { source } of detectSources(files, fakeDetector(), { signal: controller.signal })) {
    found.push(source);
    if (found.length === 2) controller.abort();
  }
  expect(found).toEqual(files.slice(0, 2));
});

test('results are appended, and what a killed run left half written is passed over', async () => {
  const path = join(folder, 'results.jsonl');
  const first = await openResults(path);
  await first.append({ image: 'a', error: 'x' });
  await first.close();
  writeFileSync(path, readFileSync(path, 'utf8') + '{"image":"b","er');
  const records = [];
  for await (const record of readResults(path)) records.push(record);
  expect(records).toEqual([{ image: 'a', error: 'x' }]);
});

test.skipIf(!existsSync('/dev/full'))('a full disk is told with the path (needs /dev/full)', async () => {
  const results = await openResults('/dev/full');
  const failed = await results.append({ image: 'a', error: 'x' }).catch((error: unknown) => error);
  await results.close();
  expect(errorLine(failed)).toBe('/dev/full: the disk is full; make room and run the command again');
});

test('no more workers than pictures or cores', () => {
  expect(usefulWorkers(64, 1)).toBe(1);
  expect(usefulWorkers(64, 1000)).toBe(availableParallelism());
  expect(usefulWorkers(1, 1000)).toBe(1);
  expect(usefulWorkers(4, 0)).toBe(1);
});

test('names: of paths, addresses and frames, each once, letter case apart', () => {
  expect(
    ['a/b c.tar.jpg', 'https://x.org/%ED%95%9C.jpg?q=1', 'https://x.org/', '-', 'x/.jpg'].map(baseName),
  ).toEqual(['b c.tar', '한', 'x', 'stdin', '_jpg']);
  const nameOf = pictureNames(['taken']);
  expect(nameOf({ source: 'a/Taken.png' })).toBe('Taken-2');
  expect(nameOf({ source: 'b/x.gif', frame: 8, frames: 10 })).toBe('x-09');
  expect(nameOf({ source: 'c/x-09.png' })).toBe('x-09-2');
});

test('names leave room in the 255 bytes of a file system for what comes after them', () => {
  const nameOf = pictureNames();
  expect(nameOf({ source: `${'a'.repeat(240)}.jpg` })).toBe('a'.repeat(180));
  expect(nameOf({ source: `${'a'.repeat(240)}b.jpg` })).toBe(`${'a'.repeat(180)}-2`);
  expect(nameOf({ source: `a${'한'.repeat(80)}.jpg` })).toBe(`a${'한'.repeat(59)}`); // of three bytes each
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ TERM: 'dumb' }, true, false],
  [{ TERM: 'dumb', FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ FORCE_COLOR: '' }, false, true],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
  [{ CI: 'true' }, false, true],
])('colours with %j on a terminal: %j, so %j', (env, isTTY, expected) => {
  expect(wantsColor(env, isTTY)).toBe(expected);
});

test.skipIf(!existsSync('/dev/full'))(
  "a run's log on a full disk is told with the path (needs /dev/full)",
  () => {
    const write = () => new MetricsLog('/dev/full').write({ type: 'stopped', phase: 'svm' });
    let failed: unknown;
    try {
      write();
    } catch (error) {
      failed = error;
    }
    expect(errorLine(failed)).toBe('/dev/full: the disk is full; make room and run the command again');
  },
);
