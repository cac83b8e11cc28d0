import { loadDetector } from '@roikit/detectors/node';
import { useEngine } from '@roikit/engine';
import { mulberry32 } from '@roikit/geometry';
import { readImage } from '@roikit/image/node';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasPostgres, startPostgres } from '../../../packages/jobs/test/postgresServer';
import { hasRedis, startRedis } from '../../../packages/jobs/test/redisServer';
import { saveFastDetector, spawnRoikit, writePictures, type Running } from './jobsSupport';
import { roikit, temporaryFolder } from './support';

const PICTURES = 2000;
const SHARD = 32;
const BAD = 500;

let folder: string;
let model: string;
let pictures: string;
/** What one process makes of them. */
let expected: Buffer;
beforeAll(async () => {
  folder = temporaryFolder();
  model = await saveFastDetector(join(folder, 'model'));
  pictures = await writePictures(join(folder, 'pictures'), { count: PICTURES, bad: BAD });
  const out = join(folder, 'alone');
  await ok('jobs', 'start', ...source(out), '--queue', 'local', '--engine', 'wasm', '--slots', '1');
  expected = await collected(out);
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const source = (out: string, of = pictures): string[] => [
  of,
  `--model=${model}`,
  `--out=${out}`,
  `--shard-size=${SHARD}`,
  '--score=0.2',
  '--max=5',
];

async function ok(...args: string[]): Promise<string> {
  const outcome = await roikit(...args);
  expect(outcome).toMatchObject({ code: 0 });
  return outcome.stdout;
}

async function collected(out: string): Promise<Buffer> {
  await ok('jobs', 'collect', '--out', out);
  return readFileSync(join(out, 'results.jsonl'));
}

function parts(out: string): number {
  const folder = join(out, 'parts');
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jsonl')).length : 0;
}

test('one process: every picture once, the bad ones told, and boxes are those of the detector itself', async () => {
  const records = String(expected)
    .trim()
    .split('\n')
    .map(
      (line) => JSON.parse(line) as { picture: number; image: string; error?: string; detections: unknown[] },
    );
  expect(records.map(({ picture }) => picture)).toEqual(Array.from({ length: PICTURES }, (_, i) => i));
  expect(records.filter(({ error }) => error).map(({ picture }) => picture)).toEqual([499, 999, 1499, 1999]);
  await useEngine('wasm'); // as the slots; starting a run leaves this process on another
  const detector = await loadDetector(model);
  for (const { image, detections } of records.slice(0, 10)) {
    const { boxes, labels } = await detector.detect(await readImage(join(pictures, image)), {
      scoreThreshold: 0.2,
      maxDetections: 5,
    });
    const own = (detections as { box: number[]; label: number }[]).map(({ box, label }) => ({ box, label }));
    const other = Array.from(labels, (label, i) => ({ box: [...boxes.subarray(4 * i, 4 * i + 4)], label }));
    expect(own.length).toBeGreaterThan(0);
    expect(own).toEqual(other);
  }
  detector.dispose();
});

function firstPictures(count: number): string {
  const some = join(folder, `first${count}`);
  mkdirSync(some);
  for (const name of readdirSync(pictures).sort().slice(0, count))
    linkSync(join(pictures, name), join(some, name));
  return some;
}

function firstLines(text: Buffer, count: number): Buffer {
  return Buffer.from(`${String(text).split('\n').slice(0, count).join('\n')}\n`);
}

interface Chaos {
  url: string;
  /** Loses all that is in the queue, and its connections. */
  lose(): Promise<void>;
  stop(): Promise<void>;
}

async function redisChaos(): Promise<Chaos> {
  let server = await startRedis();
  const { port, url } = server;
  const lose = async (): Promise<void> => {
    await server.stop();
    await sleep(500);
    server = await startRedis({ port });
  };
  return { url, lose, stop: () => server.stop() };
}

async function postgresChaos(): Promise<Chaos> {
  const server = await startPostgres();
  const lose = async (): Promise<void> => {
    await server.restart();
    const client = new pg.Client(server.url);
    await client.connect();
    await client.query('delete from bullmq.job');
    await client.end();
  };
  return { url: server.url, lose, stop: () => server.stop() };
}

/** One that began while the server went away says so and ends; systemd starts it again, and so does the test. */
function hasMissedServer({ process: { exitCode }, output }: Running): boolean {
  const lost = /no (Redis|PostgreSQL) answers|connection|terminat|shutting down|starting up/i;
  return exitCode === 1 && lost.test(output());
}

const isRunning = ({ process: { exitCode, signalCode } }: Running) =>
  exitCode === null && signalCode === null;

function pickRunning(workers: readonly Running[], random: () => number): [number, Running] {
  const running = [...workers.entries()].filter(([, worker]) => isRunning(worker));
  return running[Math.floor(random() * running.length)]!;
}

const KILLS = 2;

/** Three workers on one run; one at random is killed and replaced as the parts grow, and the queue is lost once. */
async function workThroughChaos(
  out: string,
  { url, lose }: Chaos,
  shards: number,
): Promise<{ kills: number; lost: boolean }> {
  const random = mulberry32(4);
  const start = (): Running =>
    spawnRoikit(
      'jobs',
      'work',
      '--out',
      out,
      '--queue',
      url,
      '--engine',
      'wasm',
      '--slots',
      '1',
      '--lock',
      '2',
    );
  const workers = [start(), start(), start()];
  let [kills, lost] = [0, false];
  const endings: Promise<void>[] = [];
  try {
    while (workers.some((worker) => isRunning(worker) || hasMissedServer(worker))) {
      await sleep(100);
      for (const [i, worker] of workers.entries()) if (hasMissedServer(worker)) workers[i] = start();
      const done = parts(out);
      if (kills < KILLS && done >= (shards / 6) * (kills + 1)) {
        const [victim, worker] = pickRunning(workers, random);
        const [killSignal, ends] =
          kills === 0 ? (['SIGTERM', [130, 'SIGTERM']] as const) : (['SIGKILL', ['SIGKILL']] as const);
        worker.process.kill(killSignal);
        // The first is stopped, not killed, and ends by itself, unless it was still starting. The others do not wait for it:
        // there would be nothing left to do when the next is killed.
        endings.push(worker.ended.then(({ code, signal }) => expect(ends).toContain(code ?? signal)));
        workers[victim] = start();
        kills++;
      }
      if (!lost && done >= shards / 2) {
        lost = true;
        await lose();
      }
    }
    await Promise.all(endings);
    for (const worker of workers)
      expect({ ...(await worker.ended), said: worker.output() }).toMatchObject({ code: 0, signal: null });
  } finally {
    for (const worker of workers) worker.process.kill('SIGKILL');
  }
  return { kills, lost };
}

/** PostgreSQL has the first of the pictures: what is different there is the queue. */
const FEWER = 480;

describe.each([
  ['Redis', hasRedis, redisChaos, PICTURES],
  ['PostgreSQL', hasPostgres, postgresChaos, FEWER],
])('%s', (name, isThere, begin, count) => {
  test.skipIf(!isThere)(
    'workers are killed at random and the queue is lost: the file is that of one process, byte for byte',
    async () => {
      const chaos = await begin();
      const out = join(folder, name);
      const some = firstPictures(count);
      try {
        await ok('jobs', 'start', ...source(out, some), '--queue', chaos.url);
        const shards = Math.ceil(count / SHARD);
        expect(await workThroughChaos(out, chaos, shards)).toEqual({ kills: KILLS, lost: true });
        const file = await collected(out);
        expect(file.equals(firstLines(expected, count))).toBe(true);
      } finally {
        await chaos.stop();
      }
    },
    600_000,
  );
});
