/**
 * What a run of 10⁸ pictures costs besides the detector: the queue's server and its clients (all 97,657 shards are really
 * enqueued and taken), and the collector (on a thousandth of the parts). CPU time, so that a busy machine tells the same.
 *
 *   npx tsx --conditions=@roikit/source packages/jobs/bench/scale.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collect } from '../src/collect/collect';
import { openQueue } from '../src/queue/openQueue';
import { partName } from '../src/run/names';
import { shardJob } from '../src/run/runFile';
import { startRun } from '../src/run/startRun';
import { fileStorage } from '../src/storage/fileStorage';
import type { RunInfo } from '../src/types';
import { cpuOf, infoOf, startRedis } from '../test/redisServer';

const PICTURES = 1e8;
const SHARD = 1024;
const COLLECTED = 1e5;
const DETECTIONS = 5;

const cpuMs = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};
const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function queueCost(): Promise<void> {
  const server = await startRedis();
  const run: RunInfo = {
    version: 1,
    manifest: 'f'.repeat(64),
    pictures: PICTURES,
    shards: Math.ceil(PICTURES / SHARD),
    shardSize: SHARD,
    root: '/',
    settings: {},
  };
  const queue = await openQueue(server.url, run);
  const memory = () => infoOf(server.url, 'memory', 'used_memory');
  const serverCpu = () => cpuOf(server.url);
  const before = await memory();
  let client = process.cpuUsage();
  let atServer = await serverCpu();
  await queue.add(Array.from({ length: run.shards }, (_, shard) => shardJob(run, shard)));
  const full = await memory();
  const each = (ms: number): string => `${(ms / run.shards).toFixed(3)} ms a shard`;
  print(`shards           ${run.shards}`);
  print(
    `redis memory     ${((full - before) / 1e6).toFixed(1)} MB, ${Math.round((full - before) / run.shards)} bytes a shard`,
  );
  print(`enqueue          client ${each(cpuMs(client))}, server ${each((await serverCpu()) - atServer)}`);
  client = process.cpuUsage();
  atServer = await serverCpu();
  const commands = await infoOf(server.url, 'stats', 'total_commands_processed');
  const stop = new AbortController();
  let done = 0;
  const handle = async (): Promise<'done'> => {
    if (++done === run.shards) stop.abort();
    return 'done';
  };
  await queue.work(handle, { slots: 8, signal: stop.signal, onTrouble: print });
  const ran = (await infoOf(server.url, 'stats', 'total_commands_processed')) - commands;
  print(
    `take and finish  client ${each(cpuMs(client))}, server ${each((await serverCpu()) - atServer)}, ${(ran / run.shards).toFixed(1)} commands`,
  );
  print(`left in redis    ${(((await memory()) - before) / 1e6).toFixed(1)} MB`);
  await queue.close();
  await server.stop();
}

async function collectCost(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'roikit-scale-'));
  const storage = fileStorage(folder);
  const entries = Array.from({ length: COLLECTED }, (_, i) => ({
    image: `a/folder/${i}.jpg`,
    size: 100_000 + i,
  }));
  const { run } = await startRun({ storage, entries, root: '/', shardSize: SHARD, settings: {} });
  for (let shard = 0; shard < run.shards; shard++) await storage.write(partName(shard), partOf(run, shard));
  for (const format of ['jsonl', 'coco', 'parquet'] as const) {
    globalThis.gc?.();
    let peak = 0;
    const start = process.cpuUsage();
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
    await collect({ storage, run, format, name: `all.${format}` });
    clearInterval(watch);
    print(
      `collect ${format.padEnd(8)} ${((1000 * cpuMs(start)) / COLLECTED).toFixed(1)} µs a picture, peak ${(peak / 1e6).toFixed(0)} MB`,
    );
  }
  rmSync(folder, { recursive: true });
}

function* partOf(run: RunInfo, shard: number): Generator<string> {
  const { offset, count } = shardJob(run, shard);
  for (let i = offset; i < offset + count; i++) {
    const box = [i * 0.1234567, 20.5, i * 0.2345678, 80.25].map(Math.fround);
    const detections = Array.from({ length: DETECTIONS }, (_, d) => ({
      class: 'person',
      label: 1,
      score: Math.fround(0.9 / (d + 1)),
      box,
    }));
    yield `${JSON.stringify({ picture: i, image: `a/folder/${i}.jpg`, width: 640, height: 480, detections })}\n`;
  }
}

await queueCost();
await collectCost();
