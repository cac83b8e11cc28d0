// How many times the pictures of one worker two get done (wasm, Redis), and what the queue itself costs: by the clock, which
// wants a quiet machine of two cores, and in CPU time, which does not. Linux, with a redis-server. Three minutes.
// npx tsx --conditions=@roikit/source apps/cli/bench/jobsScaling.ts
import { fileStorage, openQueue, readRun, readStatus, work } from '@roikit/jobs/node';
import type { ShardQueue } from '@roikit/jobs';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuOf, startRedis } from '../../../packages/jobs/test/redisServer';
import { spawnRoikit, writePictures } from '../test/jobsSupport';
import { cpuOfTrees } from './cpuOfTrees';

const folder = mkdtempSync(join(tmpdir(), 'roikit-scaling-'));
const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function startRun(
  name: string,
  { count, shard, queue }: { count: number; shard: number; queue: string },
) {
  const pictures = await writePictures(join(folder, `${name}-pictures`), { count });
  const out = join(folder, name);
  await spawnRoikit(
    'jobs',
    'start',
    pictures,
    '--model',
    'digits',
    '--out',
    out,
    '--queue',
    queue,
    `--shard-size=${shard}`,
  ).ended;
  return out;
}

interface Sample {
  seconds: number;
  pictures: number;
  /** CPU seconds of all workers and their children. */
  cpu: number;
}

const SHARD = 24;
const PICTURES = 30 * SHARD;
/** All are at work by then, and none has ended yet. */
const [FROM, TO] = [0.2, 0.9];

/** Rates while all of `workers` were at work. */
async function measureWorkers(
  workers: number,
  name: string,
  queue: string,
): Promise<{ rate: number; cpu: number }> {
  const out = await startRun(name, { count: PICTURES, shard: SHARD, queue });
  const running = Array.from({ length: workers }, () =>
    spawnRoikit('jobs', 'work', '--out', out, '--queue', queue, '--engine', 'wasm', '--slots', '1'),
  );
  const pids = running.map(({ process: { pid } }) => pid!);
  const storage = fileStorage(out);
  const run = await readRun(storage);
  const samples: Sample[] = [];
  const ended = Promise.all(running.map((each) => each.ended)).then(() => true);
  while (!(await Promise.race([ended, sleep(100, false)]))) {
    const { pictures } = await readStatus(storage, run);
    samples.push({ seconds: performance.now() / 1000, pictures: pictures.done, cpu: cpuOfTrees(pids) });
  }
  const first = samples.find(({ pictures }) => pictures >= FROM * PICTURES)!;
  const last = samples.find(({ pictures }) => pictures >= TO * PICTURES)!;
  const pictures = last.pictures - first.pictures;
  const [rate, cpu] = [pictures / (last.seconds - first.seconds), (last.cpu - first.cpu) / pictures];
  print(
    `${workers} worker${workers > 1 ? 's' : ' '}  ${rate.toFixed(1)} pictures a second, ${(1000 * cpu).toFixed(1)} ms of CPU a picture`,
  );
  return { rate, cpu };
}

/** A picture or two is being done when a part appears; over pairs it evens out. */
async function measureScaling(queue: string): Promise<void> {
  const one = [];
  const two = [];
  for (const pair of ['a', 'b']) {
    one.push(await measureWorkers(1, `one-${pair}`, queue));
    two.push(await measureWorkers(2, `two-${pair}`, queue));
  }
  const mean = (of: { rate: number; cpu: number }[], key: 'rate' | 'cpu') =>
    of.reduce((sum, each) => sum + each[key], 0) / of.length;
  print(
    `two to one    ${(mean(two, 'rate') / mean(one, 'rate')).toFixed(2)} by the clock, ${((2 * mean(one, 'cpu')) / mean(two, 'cpu')).toFixed(2)} by CPU time`,
  );
}

interface Times {
  shards: number;
  /** Milliseconds, from the first shard's end on: what is compiled and loaded once is no shard's. */
  busy: number;
  idle: number;
  /** CPU milliseconds of this process, which is the worker's own, and of Redis. */
  cpu: number;
}

/** Hears when the slot waits for the queue: from a shard's end to the next one's beginning. */
function timed(queue: ShardQueue, address: string): { queue: ShardQueue; times: Times } {
  const times: Times = { shards: 0, busy: 0, idle: 0, cpu: 0 };
  let before: { end: number; cpu: number } | undefined;
  const cpuSoFar = async (): Promise<number> => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000 + (await cpuOf(address));
  };
  const work: ShardQueue['work'] = (handle, options) =>
    queue.work(async (job) => {
      const begin = performance.now();
      const outcome = await handle(job);
      const now = { end: performance.now(), cpu: await cpuSoFar() };
      if (before) {
        times.shards++;
        times.idle += begin - before.end;
        times.busy += now.end - begin;
        times.cpu += now.cpu - before.cpu;
      }
      before = now;
      return outcome;
    }, options);
  return { times, queue: { ...queue, work } };
}

/** The size of a shard that `roikit jobs start` takes by itself. */
const DEFAULT_SHARD = 256;

async function measureQueue(address: string): Promise<void> {
  const out = await startRun('queue', { count: 5 * DEFAULT_SHARD, shard: DEFAULT_SHARD, queue: address });
  const storage = fileStorage(out);
  const run = await readRun(storage);
  const { queue, times } = timed(await openQueue(address, run), address);
  const child = {
    file: new URL('../src/jobs/child.ts', import.meta.url),
    execArgv: ['--import', 'tsx', '--conditions=@roikit/source'],
    init: { folder: out, engine: 'wasm', settings: run.settings },
  };
  for await (const event of work({ storage, run, queue, child, slots: 1 }))
    if (event.type === 'trouble') print(event.message);
  await queue.close();
  const { shards, busy, idle, cpu } = times;
  const share = (ms: number): string =>
    `${(ms / shards).toFixed(1)} ms a shard, ${((100 * ms) / busy).toFixed(3)} %`;
  print(`a shard       ${DEFAULT_SHARD} pictures in ${(busy / shards / 1000).toFixed(1)} s`);
  print(`queue, clock  ${share(idle)} (a slot waits for the next)`);
  print(`queue, CPU    ${share(cpu)} (all of the worker's own process, and Redis)`);
}

const redis = await startRedis();
try {
  print(`load at the start: ${loadavg()[0]!.toFixed(2)}`);
  await measureScaling(redis.url);
  await measureQueue(redis.url);
} finally {
  await redis.stop();
  rmSync(folder, { recursive: true });
}
process.exit();
