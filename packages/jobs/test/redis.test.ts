import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openQueue } from '../src/queue/openQueue';
import { readStatus } from '../src/run/readStatus';
import { enqueueMissing } from '../src/run/startRun';
import type { ShardQueue } from '../src/types';
import { work } from '../src/work/work';
import { freePort, hasRedis, startRedis, type TestServer } from './redisServer';
import { testChild, testRun, workOff, type TestRun } from './support';

const counts = (n: number): string[] => Array.from({ length: n }, (_, i) => String(i % 4));

describe.skipIf(!hasRedis)('a run on Redis', () => {
  let server: TestServer;
  beforeAll(async () => void (server = await startRedis()));
  afterAll(() => server.stop());

  const opened: ShardQueue[] = [];
  const runs: TestRun[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((queue) => queue.close()));
    for (const { folder } of runs.splice(0)) rmSync(dirname(folder), { recursive: true });
  });
  async function newRun(texts: readonly string[], { shardSize = 4, lock = 1000 } = {}) {
    const run = await testRun(texts, { shardSize });
    const queue = await openQueue(server.url, run.run, { lock });
    runs.push(run);
    opened.push(queue);
    return { run, queue };
  }

  test('all is done once, and nothing is left in the queue', async () => {
    const { run, queue } = await newRun(counts(30));
    const events = await workOff(run, queue);
    expect(events.filter(({ type }) => type === 'done')).toHaveLength(8);
    expect(await queue.counts()).toEqual({ waiting: 0, active: 0 });
    const client = new Redis(server.url);
    const keys = await client.keys('bull:*:shard-*');
    client.disconnect();
    expect(keys).toEqual([]);
  });

  test('what is in the queue is a hash and two numbers; ids have no colon and are no number', async () => {
    const { run, queue } = await newRun(counts(30));
    await enqueueMissing(run.storage, run.run, queue);
    await enqueueMissing(run.storage, run.run, queue); // changes nothing
    const client = new Redis(server.url);
    const bull = new Queue(`roikit-${run.run.manifest.slice(0, 16)}`, { connection: client });
    const jobs = await bull.getWaiting();
    await bull.close();
    client.disconnect();
    expect(jobs).toHaveLength(8);
    for (const { id, data } of jobs) {
      expect(id).toMatch(/^shard-\d+$/);
      expect(Object.keys(data as object).sort()).toEqual(['count', 'manifest', 'offset']);
    }
  });

  test('a shard that computes for longer than its lock, without a pause, is done once', async () => {
    const { run, queue } = await newRun(['1', '1'], { shardSize: 1, lock: 600 });
    const events = await workOff(run, queue, { init: { blocks: 2500 } });
    expect(events.filter(({ type }) => type === 'done')).toHaveLength(2);
    expect(events.filter(({ type }) => type === 'trouble')).toEqual([]);
  });

  test('a shard that kills its worker three times is set aside; the others are done', async () => {
    const texts = counts(12);
    texts[6] = 'kills';
    const { run, queue } = await newRun(texts);
    const events = await workOff(run, queue);
    expect(events.filter(({ type }) => type === 'died')).toHaveLength(3);
    const { failed, shards } = await readStatus(run.storage, run.run);
    expect([failed.map(({ shard }) => shard), shards.done]).toEqual([[1], 2]);
    expect(await queue.counts()).toEqual({ waiting: 0, active: 0 });
  });

  test('stopping gives the shard back at once: the next worker need not wait for its lock', async () => {
    const { run, queue } = await newRun(counts(8), { shardSize: 8, lock: 60_000 });
    await enqueueMissing(run.storage, run.run, queue);
    const stop = new AbortController();
    const child = testChild({ folder: run.folder, waits: 200 });
    for await (const { type } of work({ ...run, queue, child, slots: 1, signal: stop.signal }))
      if (type === 'ready') setTimeout(() => stop.abort(), 700);
    expect(await queue.counts()).toEqual({ waiting: 1, active: 0 });
    const next = await openQueue(server.url, run.run, { lock: 60_000 });
    opened.push(next);
    const events = await workOff(run, next);
    expect(events.filter(({ type }) => type === 'done')).toHaveLength(1);
  });

  test('a server that comes back empty: the work goes on, and all is done', async () => {
    const own = await startRedis();
    const run = await testRun(counts(40));
    runs.push(run);
    const queue = await openQueue(own.url, run.run, { lock: 1000 });
    await enqueueMissing(run.storage, run.run, queue);
    let again: TestServer | undefined;
    const types = new Set<string>();
    const child = testChild({ folder: run.folder, waits: 30 });
    for await (const { type } of work({ ...run, queue, child, slots: 2 })) {
      types.add(type);
      if (type !== 'done' || again) continue;
      await own.stop();
      again = await startRedis({ port: own.port });
    }
    expect([...types]).toContain('trouble');
    expect([...types]).toContain('enqueued');
    expect((await readStatus(run.storage, run.run)).shards).toEqual({ all: 10, done: 10, missing: 0 });
    await queue.close();
    await again?.stop();
  });
});

describe.skipIf(!hasRedis)('a queue that is no good says what to do', () => {
  const run = { manifest: '0123456789abcdef' };
  test('nobody there', async () => {
    const port = await freePort();
    await expect(openQueue(`redis://:secret@127.0.0.1:${port}`, run)).rejects.toThrow(
      `redis://:***@127.0.0.1:${port}: no Redis answers (ECONNREFUSED); check the address, that redis-server runs`,
    );
  });

  test('a password that is wrong, or missing', async () => {
    const server = await startRedis({ args: ['--requirepass', 'right'] });
    const at = (password: string) => `redis://${password}127.0.0.1:${server.port}`;
    await expect(openQueue(at(':wrong@'), run)).rejects.toThrow(
      /\*\*\*@.*: Redis refuses the password or user/,
    );
    await expect(openQueue(at(''), run)).rejects.toThrow(
      /: Redis wants a password; give it: redis:\/\/:PASSWORD@/,
    );
    await (await openQueue(at(':right@'), run)).close();
    await server.stop();
  });

  test('an evicting policy', async () => {
    const server = await startRedis({ args: ['--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru'] });
    const queue = await openQueue(server.url, run);
    expect(queue.warnings).toEqual([expect.stringContaining('maxmemory-policy is allkeys-lru')]);
    await queue.close();
    await server.stop();
  });

  test('an address of another kind', async () => {
    await expect(openQueue('amqp://host', run)).rejects.toThrow(
      /must be redis:\/\/host:6379.*got amqp:\/\/host/,
    );
  });
});
