import pg from 'pg';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openQueue, prepareQueue } from '../src/queue/openQueue';
import { readStatus } from '../src/run/readStatus';
import { enqueueMissing } from '../src/run/startRun';
import type { ShardJob } from '../src/types';
import { work } from '../src/work/work';
import { hasPostgres, startPostgres } from './postgresServer';
import { freePort } from './redisServer';
import { testChild, testRun, workOff } from './support';

const counts = (n: number): string[] => Array.from({ length: n }, (_, i) => String(i % 4));

describe.skipIf(!hasPostgres)('a run on PostgreSQL', () => {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  beforeAll(async () => void (server = await startPostgres()));
  afterAll(() => server?.stop());

  test('before a start there is nothing to work on; afterwards all is done once, and nothing is left', async () => {
    const run = await testRun(counts(30));
    await expect(openQueue(server.url, run.run)).rejects.toThrow(
      /\*\*\*@.*: no run was started on this database; run 'roikit jobs start' first/,
    );
    await prepareQueue(server.url);
    await prepareQueue(server.url); // changes nothing
    const queue = await openQueue(server.url, run.run, { lock: 1000 });
    const events = await workOff(run, queue);
    expect(events.filter(({ type }) => type === 'done')).toHaveLength(8);
    expect(await queue.counts()).toEqual({ waiting: 0, active: 0 });
    const client = new pg.Client(server.url);
    await client.connect();
    const { rows } = await client.query('select id from bullmq.job');
    await client.end();
    expect(rows).toEqual([]);
    await queue.close();
    rmSync(dirname(run.folder), { recursive: true });
  });

  test('a server that drops all connections, also the one that listens: the work goes on', async () => {
    const run = await testRun(counts(40));
    const queue = await openQueue(server.url, run.run, { lock: 1000 });
    await enqueueMissing(run.storage, run.run, queue);
    let restarted = false;
    const child = testChild({ folder: run.folder, waits: 30 });
    for await (const { type } of work({ ...run, queue, child, slots: 2 })) {
      if (type !== 'done' || restarted) continue;
      restarted = true;
      await server.restart();
    }
    expect((await readStatus(run.storage, run.run)).shards).toEqual({ all: 10, done: 10, missing: 0 });
    await queue.close();
    rmSync(dirname(run.folder), { recursive: true });
  });

  test('the one connection that listens drops: the next shard still comes', async () => {
    await prepareQueue(server.url);
    const queue = await openQueue(server.url, { manifest: 'listens' }, { lock: 1000 });
    const taken: number[] = [];
    const stop = new AbortController();
    const handle = async ({ offset }: ShardJob) => {
      taken.push(offset);
      return 'done' as const;
    };
    const working = queue.work(handle, { slots: 1, signal: stop.signal, onTrouble: () => {} });
    const client = new pg.Client(server.url);
    await client.connect();
    for (const offset of [0, 1]) {
      await queue.add([{ manifest: 'listens', offset, count: 1 }]);
      while (!taken.includes(offset)) await sleep(20);
      if (offset > 0) continue;
      const listening =
        "select pg_terminate_backend(pid) from pg_stat_activity where query like '%LISTEN %' and pid <> pg_backend_pid()";
      while ((await client.query(listening)).rowCount === 0) await sleep(20);
    }
    await client.end();
    stop.abort();
    await working;
    expect(taken).toEqual([0, 1]);
    await queue.close();
  });

  test('nobody there, a wrong password, no such database', async () => {
    const run = { manifest: '0123456789abcdef' };
    const at = (password: string, database: string, port = server.port) =>
      openQueue(`postgres://roikit:${password}@127.0.0.1:${port}/${database}`, run);
    await expect(at('right', 'postgres', await freePort())).rejects.toThrow(
      /no PostgreSQL answers \(ECONNREFUSED\); check the address/,
    );
    await expect(at('wrong', 'postgres')).rejects.toThrow(/refuses the password; check it in --queue/);
    await expect(at('right', 'nothing')).rejects.toThrow(/no such database; create it \(createdb\)/);
  });
});
