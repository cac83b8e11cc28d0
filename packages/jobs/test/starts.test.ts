import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localQueue } from '../src/queue/localQueue';
import { readStatus } from '../src/run/readStatus';
import { work } from '../src/work/work';
import { testRun, workOff, type TestRun } from './support';

let run: TestRun;
beforeEach(async () => void (run = await testRun(['1', '2', 'kills', '0', '3', '1'], { shardSize: 2 })));
afterEach(() => rmSync(run.root, { recursive: true }));

test('a file that can not be run is started once, and named', async () => {
  const child = { file: new URL('./noSuchChild.js', import.meta.url), init: {} };
  await expect(work({ ...run, queue: localQueue(), child, slots: 2 }).next()).rejects.toThrow(
    /noSuchChild\.js: ended before it could work \(its process ended \(exit code 1\)\)/,
  );
});

test('a child that can be started only once: three tries, then the worker ends and says so', async () => {
  const starts = join(run.root, 'starts');
  await expect(workOff(run, localQueue(), { init: { starts }, slots: 1 })).rejects.toThrow(
    /no child could be started 3 times \(.*child\.ts: ended before it could work \(its process ended \(exit code 3\)\)\)/,
  );
  expect(readFileSync(starts, 'utf8')).toBe('x'.repeat(1 + 3));
  // The picture's own death counts; that nobody could be started is no fault of the shard's.
  const attempts = await run.storage.read('attempts/part-00000001.json');
  expect(JSON.parse(Buffer.from(attempts!).toString())).toHaveLength(1);
});

test('a shard whose worker vanished three times is set aside without another try', async () => {
  const vanished = ['a', 'b', 'c'].map((host, i) => ({ at: `2026-01-0${i + 1}T00:00:00Z`, host, pid: 7 }));
  await run.storage.write('attempts/part-00000001.json', Buffer.from(JSON.stringify(vanished)));
  const events = await workOff(run, localQueue());
  expect(events.filter(({ type }) => type === 'died')).toEqual([]);
  expect(events).toContainEqual({ type: 'set aside', shard: 1, attempts: vanished });
  const { failed, shards } = await readStatus(run.storage, run.run);
  expect([failed.map(({ attempts }) => attempts.map(({ host }) => host)), shards.done]).toEqual([
    [['a', 'b', 'c']],
    2,
  ]);
});

test('the rate is that of the last minutes, and tells how long the rest takes', async () => {
  const times = new Map([
    ['part-00000000.jsonl', 0],
    ['part-00000001.jsonl', 3_590_000],
    ['part-00000002.jsonl', 3_595_000],
  ]);
  const storage = {
    ...run.storage,
    list: async function* (folder: string) {
      if (folder !== 'parts') return;
      for (const [name, time] of times) yield { name, modified: async () => new Date(time) };
    },
  };
  const plan = { ...run.run, shards: 13, shardSize: 10, pictures: 125 };
  const status = await readStatus(storage, plan, { now: new Date(3_600_000) });
  // The first of the window's parts is where its clock begins: 10 pictures in 5 s.
  expect(status).toMatchObject({ rate: 2, eta: 95 / 2, pictures: { all: 125, done: 30 } });
  times.delete('part-00000002.jsonl');
  expect((await readStatus(storage, plan, { now: new Date(3_600_000) })).rate).toBeUndefined();
});

test("a part that can't be written ends the worker with the system's own error: what, and which file", async () => {
  const failed = workOff(run, localQueue(), { init: { full: true }, slots: 1 });
  await expect(failed).rejects.toMatchObject({
    message: 'ENOSPC: no space left on device, write',
    code: 'ENOSPC',
    path: join(run.folder, 'parts/part-00000000.jsonl'),
  });
  expect(await run.storage.read('attempts/part-00000000.json')).toBeUndefined(); // no fault of the shard's
});

test('a run that is replaced under way: the worker ends and says so', async () => {
  const other = { ...run.run, settings: { model: 'other' } };
  await run.storage.write('run.json', Buffer.from(JSON.stringify(other)));
  await expect(workOff(run, localQueue())).rejects.toThrow(
    /run: another run has been started there meanwhile; end all workers/,
  );
});
