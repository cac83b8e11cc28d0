import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { readEntries, readShards } from '../src/run/manifest';
import { readStatus } from '../src/run/readStatus';
import { readRun } from '../src/run/runFile';
import { startRun } from '../src/run/startRun';
import type { ManifestEntry, RunInfo } from '../src/types';
import { readAttempts } from '../src/work/attempts';
import { testRun, type TestRun } from './support';

let at: TestRun | undefined;
afterEach(() => at && rmSync(dirname(at.folder), { recursive: true, force: true }));

const entries = (n: number) => Array.from({ length: n }, (_, i) => ({ image: `é${i}.jpg`, size: i }));

test('shards cover the manifest, each with the hash of its lines', async () => {
  at = await testRun(['0']);
  const storage = at.storage;
  await storage.remove('run.json');
  const { run } = await startRun({ storage, entries: entries(11), root: '/', shardSize: 4, settings: {} });
  expect(run).toMatchObject({ pictures: 11, shards: 3, shardSize: 4 });
  const shards = await readShards(storage, run.manifest);
  expect(shards.map(({ offset, count }) => [offset, count])).toEqual([
    [0, 4],
    [4, 4],
    [8, 3],
  ]);
  const read = await Promise.all(shards.map((shard) => readEntries(storage, shard)));
  expect(read.flat()).toEqual(entries(11));
  const bytes = readFileSync(join(at.folder, 'manifest.jsonl'));
  const { start, bytes: length, sha256 } = shards[1]!;
  const slice = bytes.subarray(start, start + length);
  expect(createHash('sha256').update(slice).digest('hex')).toBe(sha256);
});

test('the same again goes on; other pictures, another model or another order do not', async () => {
  at = await testRun(['0']);
  const { storage } = at;
  await storage.remove('run.json');
  const start = (list: ReturnType<typeof entries>, model = 'a') =>
    startRun({ storage, entries: list, root: '/', shardSize: 4, settings: { model, score: 0.5 } });
  expect((await start(entries(11))).resumed).toBe(false);
  expect((await start(entries(11))).resumed).toBe(true);
  const other = /run: the run there is over other pictures, or some have changed; give the pictures/;
  await expect(start(entries(12))).rejects.toThrow(other);
  await expect(start(entries(11).toReversed())).rejects.toThrow(other);
  const resized = entries(11).map((entry, i) => (i === 10 ? { ...entry, size: 1 } : entry));
  await expect(start(resized)).rejects.toThrow(other);
  await expect(start(entries(11), 'b')).rejects.toThrow(
    /another run lies there \(model: "a" there, "b" here\); give the same to go on/,
  );
});

test('no pictures are no run', async () => {
  at = await testRun(['0']);
  await at.storage.remove('run.json');
  await expect(startRun({ storage: at.storage, entries: [], root: '/', settings: {} })).rejects.toThrow(
    'no pictures',
  );
});

test('of two that start different runs at once, the later one is refused', async () => {
  at = await testRun(['0']);
  const { storage } = at;
  await storage.remove('run.json');
  const start = (list: Iterable<ManifestEntry> | AsyncIterable<ManifestEntry>, score: number) =>
    startRun({ storage, entries: list, root: '/', shardSize: 4, settings: { score } });
  const slowly = async function* () {
    yield* entries(11);
    await start(entries(11), 0.3);
  };
  await expect(start(slowly(), 0.9)).rejects.toThrow(
    /another run lies there \(score: 0\.3 there, 0\.9 here\)/,
  );
  await storage.remove('run.json');
  expect((await start(slowly(), 0.3)).resumed).toBe(true);
});

test('who is refused because another was quicker has written nothing over', async () => {
  at = await testRun(['0']);
  const { storage } = at;
  await storage.remove('run.json');
  const start = (list: Iterable<ManifestEntry> | AsyncIterable<ManifestEntry>) =>
    startRun({ storage, entries: list, root: '/', shardSize: 4, settings: {} });
  let quicker: RunInfo | undefined;
  const slowly = async function* () {
    yield* entries(3);
    quicker = (await start(entries(11))).run;
  };
  await expect(start(slowly())).rejects.toThrow(/the run there is over other pictures/);
  const shards = await readShards(storage, quicker!.manifest);
  const read = await Promise.all(shards.map((shard) => readEntries(storage, shard)));
  expect(read.flat()).toEqual(entries(11));
});

test.each([
  ['{', /run\.json: no description of a run/],
  ['null', /run\.json: no description of a run/],
  [
    { shardSize: 0 },
    /run\.json: changed since .* \(pictures, shards and shardSize are no positive integers\); put it back/,
  ],
  [{ shards: 5e9 }, /run\.json: .*\(3 pictures in shards of 2 are not 5000000000 shards\)/],
  [{ pictures: 5 }, /run\.json: .*\(5 pictures in shards of 2 are not 2 shards\)/],
  [{ root: undefined }, /run\.json: .*\(root is no path\)/],
  [{ settings: undefined }, /run\.json: .*\(it has no settings\)/],
])('a run.json that was changed to %j is refused by name', async (change, message) => {
  at = await testRun(['0', '0', '0'], { shardSize: 2 });
  const text = typeof change === 'string' ? change : JSON.stringify({ ...at.run, ...change });
  await at.storage.write('run.json', Buffer.from(text));
  await expect(readRun(at.storage)).rejects.toThrow(message);
});

test("a damaged file of attempts is named; a stray part is nobody's", async () => {
  at = await testRun(['0', '0', '0'], { shardSize: 2 });
  await at.storage.write('attempts/part-00000001.json', Buffer.from('{bro'));
  await expect(readAttempts(at.storage, 1)).rejects.toThrow(
    /run\/attempts\/part-00000001\.json: the file is damaged; delete it/,
  );
  await at.storage.write('failed/part-00000001.json', Buffer.from(''));
  await expect(readStatus(at.storage, at.run)).rejects.toThrow(
    /failed\/part-00000001\.json: the file is damaged/,
  );
  await at.storage.remove('failed/part-00000001.json');
  await at.storage.write('parts/part-00000002.jsonl', Buffer.from('{}\n'));
  expect(await readStatus(at.storage, at.run)).toMatchObject({
    shards: { done: 0, missing: 2 },
    pictures: { done: 0 },
  });
});

test('an entry without a picture is refused, names alone too', async () => {
  at = await testRun(['0']);
  const { storage } = at;
  await storage.remove('run.json');
  const named = ['a.jpg'] as unknown as ManifestEntry[];
  await expect(startRun({ storage, entries: named, root: '/', settings: {} })).rejects.toThrow(
    'startRun: entries must be { image, size? } with a path or an address as image, got "a.jpg"',
  );
});
