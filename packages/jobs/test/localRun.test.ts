import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { collect } from '../src/collect/collect';
import { readRecords } from '../src/collect/readRecords';
import { localQueue } from '../src/queue/localQueue';
import { readStatus } from '../src/run/readStatus';
import { retryFailed } from '../src/run/retryFailed';
import { enqueueMissing } from '../src/run/startRun';
import { work } from '../src/work/work';
import { testChild, testRun, textOf, workOff, type TestRun } from './support';

const runs: TestRun[] = [];
async function newRun(texts: readonly string[], options?: { shardSize?: number }): Promise<TestRun> {
  const run = await testRun(texts, options);
  runs.push(run);
  return run;
}
afterEach(() => runs.splice(0).forEach(({ folder }) => rmSync(dirname(folder), { recursive: true })));

const counts = (n: number): string[] => Array.from({ length: n }, (_, i) => String(i % 4));

test('every picture is in the collected file once, in the order of the manifest; a bad one fails by itself', async () => {
  const texts = counts(23);
  texts[5] = 'bad';
  texts[7] = 'told';
  const run = await newRun(texts);
  const events = await workOff(run, localQueue());
  expect(events.filter(({ type }) => type === 'done')).toHaveLength(6);
  expect(events.at(-1)).toEqual({ type: 'end', reason: 'all done' });

  const report = await collect({ ...run, format: 'jsonl', name: 'all.jsonl' });
  const detections = texts.reduce((sum, text) => sum + (Number(text) || 0), 0);
  expect(report).toEqual({ pictures: 23, failed: 2, detections, missing: 0 });
  const lines = textOf(run.folder, 'all.jsonl').trim().split('\n');
  const records = lines.map((line) => JSON.parse(line) as { picture: number; image: string; error?: string });
  expect(records.map(({ picture }) => picture)).toEqual([...texts.keys()]);
  expect(records[5]).toEqual({
    picture: 5,
    image: 'pictures/0005.txt',
    error: 'pictures/0005.txt: no picture; check the file',
  });
  // Neither says where the pictures are on this machine.
  expect(records[7]!.error).toBe('pictures/0007.txt: no picture');
  expect(readdirSync(join(run.folder, 'attempts'))).toEqual([]);
});

test('COCO: positions from 1, boxes as x y width height', async () => {
  const run = await newRun(['0', '2', 'bad', '1', '0'], { shardSize: 2 });
  await workOff(run, localQueue());
  await collect({ ...run, format: 'coco', name: 'all.json' });
  expect(JSON.parse(textOf(run.folder, 'all.json'))).toEqual([
    { image_id: 2, category_id: 1, bbox: [0, 0, 10, 5], score: 1 / 3 },
    { image_id: 2, category_id: 1, bbox: [1, 2, 10, 5], score: 1 / 4 },
    { image_id: 4, category_id: 1, bbox: [0, 0, 10, 5], score: 1 / 3 },
  ]);
});

test('a shard that kills its worker three times is set aside and named; retried, it is done', async () => {
  const texts = counts(12);
  texts[6] = 'kills';
  const run = await newRun(texts);
  const events = await workOff(run, localQueue());
  expect(events.filter(({ type }) => type === 'died')).toEqual(
    Array.from({ length: 3 }, () => ({
      type: 'died',
      shard: 1,
      reason: 'its process ended (SIGKILL)',
      image: 'pictures/0006.txt',
    })),
  );
  const { failed, shards } = await readStatus(run.storage, run.run);
  expect(shards).toEqual({ all: 3, done: 2, missing: 0 });
  expect(failed).toMatchObject([{ shard: 1, offset: 4, count: 4 }]);
  expect(failed[0]!.attempts.map(({ image }) => image)).toEqual(Array(3).fill('pictures/0006.txt'));
  await expect(collect({ ...run, format: 'jsonl', name: 'x' })).rejects.toThrow(
    /2 of 3 shards are done, 1 set aside: see 'roikit jobs status'/,
  );

  writeFileSync(join(run.folder, '../pictures/0006.txt'), '11111'); // as long, so the manifest still holds
  expect(await retryFailed(run.storage, run.run)).toBe(1);
  await workOff(run, localQueue());
  expect((await readStatus(run.storage, run.run)).shards.done).toBe(3);
});

test('a child that stands still is ended, and its shard counts as died', async () => {
  const run = await newRun(['1', 'hangs'], { shardSize: 2 });
  const events = await workOff(run, localQueue(), { patience: 1500 });
  expect(events.find(({ type }) => type === 'died')).toMatchObject({
    reason: 'no sign of life for 2 s',
    image: 'pictures/0001.txt',
  });
});

test('stopping gives the shard back: no part, no attempt held against it; work goes on with the same bytes', async () => {
  const run = await newRun(counts(16), { shardSize: 8 });
  const queue = localQueue();
  await enqueueMissing(run.storage, run.run, queue);
  const stop = new AbortController();
  const child = testChild({ folder: run.folder, waits: 20 });
  const events = [];
  for await (const event of work({ ...run, queue, child, slots: 1, signal: stop.signal })) {
    events.push(event);
    if (event.type === 'ready') setTimeout(() => stop.abort(), 60);
  }
  expect(events.at(-1)).toEqual({ type: 'end', reason: 'stopped' });
  expect(await queue.counts()).toEqual({ waiting: 2, active: 0 });
  expect(readdirSync(join(run.folder, 'attempts'))).toEqual([]);
  expect((await readStatus(run.storage, run.run)).shards.done).toBe(0);
  await workOff(run, queue);
  expect((await readStatus(run.storage, run.run)).shards.done).toBe(2);
});

test('a part that is there is not done again; one that was lost is', async () => {
  const run = await newRun(counts(12));
  await workOff(run, localQueue());
  const before = textOf(run.folder, 'parts/part-00000001.jsonl');
  rmSync(join(run.folder, 'parts/part-00000001.jsonl'));
  const events = await workOff(run, localQueue());
  expect(events.filter(({ type }) => type === 'done')).toMatchObject([{ shard: 1 }]);
  expect(textOf(run.folder, 'parts/part-00000001.jsonl')).toBe(before);
});

test('shards that the queue has lost are enqueued by the workers', async () => {
  const run = await newRun(counts(12));
  const queue = localQueue();
  const child = testChild({ folder: run.folder });
  const events = [];
  for await (const event of work({ ...run, queue, child, slots: 2 })) events.push(event); // nothing was enqueued
  expect(events).toContainEqual({ type: 'enqueued', shards: 3 });
  expect(events.at(-1)).toEqual({ type: 'end', reason: 'all done' });
});

test('a picture that has changed since the start fails by itself, and can be retried', async () => {
  const run = await newRun(counts(4));
  const path = join(run.folder, '../pictures/0002.txt');
  writeFileSync(path, '22');
  await workOff(run, localQueue());
  const [, , record] = await readRecords(run.storage, run.run, 0);
  expect(record).toMatchObject({
    error:
      'pictures/0002.txt: changed since the run was started (1 bytes then, 2 now); put the file back, or start a run on another folder',
  });
  writeFileSync(path, '2');
  expect(await retryFailed(run.storage, run.run)).toBe(0);
  expect(await retryFailed(run.storage, run.run, { pictures: true })).toBe(1);
  await workOff(run, localQueue());
  expect((await readRecords(run.storage, run.run, 0)).some((r) => 'error' in r)).toBe(false);
});

describe('before any work', () => {
  test("a child that can't work says why, and is not started again and again", async () => {
    const run = await newRun(counts(4));
    const child = testChild({ folder: 'nowhere' });
    await expect(work({ ...run, queue: localQueue(), child, slots: 2 }).next()).rejects.toThrow(
      'child: there is no model',
    );
  });

  test('a manifest that was changed stops the work', async () => {
    const run = await newRun(counts(4));
    const path = join(run.folder, 'manifest.jsonl');
    writeFileSync(path, textOf(run.folder, 'manifest.jsonl').replace('0002', '0003'));
    await expect(workOff(run, localQueue())).rejects.toThrow(
      /manifest\.jsonl: the manifest has changed since the run was started; put it back/,
    );
    expect(existsSync(join(run.folder, 'attempts/part-00000000.json'))).toBe(false);
  });
});

test('a damaged part is refused, and named', async () => {
  const run = await newRun(counts(8));
  await workOff(run, localQueue());
  const path = join(run.folder, 'parts/part-00000001.jsonl');
  const whole = textOf(run.folder, 'parts/part-00000001.jsonl');
  const lines = whole.trimEnd().split('\n');
  const damages = {
    'line 2 is of picture 6, not 5': [lines[0], ...lines.slice(2)],
    'line 2 is of picture 4, not 5': [lines[0], ...lines],
    'it has 3 pictures of 4': lines.slice(0, 3),
    'line 1 is not JSON': ['{', ...lines.slice(1)],
  };
  for (const [what, damaged] of Object.entries(damages)) {
    writeFileSync(path, `${damaged.join('\n')}\n`);
    await expect(collect({ ...run, format: 'coco', name: 'all.json' })).rejects.toThrow(what);
    expect(existsSync(join(run.folder, 'all.json'))).toBe(false);
  }
  writeFileSync(path, whole.slice(0, -9));
  await expect(collect({ ...run, format: 'jsonl', name: 'x' })).rejects.toThrow(
    /part-00000001\.jsonl: the part is damaged \(its last line is not whole\); delete it/,
  );
});

test('records of another kind have no detections: they are collected as JSONL, and as nothing else', async () => {
  const run = await newRun(['0', 'other', '1'], { shardSize: 3 });
  await workOff(run, localQueue());
  const report = await collect({ ...run, format: 'jsonl', name: 'all.jsonl' });
  expect(report).toEqual({ pictures: 3, failed: 0, detections: 1, missing: 0 });
  expect(textOf(run.folder, 'all.jsonl')).toContain('"image":"pictures/0001.txt","bytes":5}');
  for (const format of ['coco', 'parquet'] as const)
    await expect(collect({ ...run, format, name: 'x' })).rejects.toThrow(
      `part-00000000.jsonl: picture 1 has no detections, and '${format}' is made of them; collect 'jsonl'`,
    );
});
