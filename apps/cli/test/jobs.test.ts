import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openStorage } from '@roikit/jobs/node';
import { freePort, hasRedis, startRedis } from '../../../packages/jobs/test/redisServer';
import { hasS3, startS3 } from '../../../packages/jobs/test/s3Server';
import { saveFastDetector, writePictures } from './jobsSupport';
import { roikit, saveRandomDetector, temporaryFolder, vocFolder, type Outcome } from './support';

// Processes start from source: seconds where the machine is free, a minute where it is not.
vi.setConfig({ testTimeout: 300_000 });

let folder: string;
let model: string;
let pictures: string;
beforeAll(async () => {
  folder = temporaryFolder();
  model = await saveFastDetector(join(folder, 'model'));
  pictures = await writePictures(join(folder, 'pictures'), { count: 20, bad: 7 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A run that is done. */
function copyOfLocal(name: string): string {
  const out = join(folder, name);
  cpSync(join(folder, 'local'), out, { recursive: true });
  return out;
}

const start = (out: string, ...others: string[]): Promise<Outcome> =>
  roikit('jobs', 'start', pictures, '--model', model, '--out', out, '--shard-size', '8', ...others);

test('in one command: start works, status tells, collect writes; COCO has the numbers of the JSONL', async () => {
  const out = join(folder, 'local');
  const started = await start(out, '--score', '0.2', '--engine', 'wasm', '--slots', '2');
  expect(started).toMatchObject({ code: 0, stdout: '3 of 3 shards done\n' });
  expect(started.stderr).toContain('2 slots on local, wasm');
  expect((await roikit('jobs', 'status', '--out', out)).stdout).toMatch(
    /20 of 20 \(100\.0 %\)[^]*3 done, 0 to do/,
  );

  expect((await roikit('jobs', 'collect', '--out', out)).stderr).toContain('2 pictures could not be read');
  await roikit('jobs', 'collect', '--out', out, '--format', 'coco');
  type Line = { picture: number; detections?: { label: number; score: number; box: number[] }[] };
  const lines = readFileSync(join(out, 'results.jsonl'), 'utf8').trim().split('\n');
  const expected = lines
    .map((line) => JSON.parse(line) as Line)
    .flatMap(({ picture, detections = [] }) =>
      detections.map(({ label, score, box: [x1, y1, x2, y2] }) => ({
        image_id: picture + 1,
        category_id: label,
        bbox: [x1, y1, x2! - x1!, y2! - y1!],
        score,
      })),
    );
  expect(expected.length).toBeGreaterThan(20);
  expect(JSON.parse(readFileSync(join(out, 'results.json'), 'utf8'))).toEqual(expected);

  // Of a worker with a queue, which is writing it.
  const others = join(out, `parts/part-00000001.jsonl.${randomUUID()}.tmp`);
  writeFileSync(others, 'half');
  const again = await start(out, '--score', '0.2', '--engine', 'wasm', '--slots', '1');
  expect(existsSync(others)).toBe(true);
  expect(again.stderr).toMatch(/begun before/);
  expect(again.stderr).not.toMatch(/shard \d+:/);
});

test('metrics are those of evaluate, and a COCO file of the truths gives its ids', async () => {
  const data = await vocFolder(join(folder, 'shapes'));
  const own = await saveRandomDetector(join(folder, 'shapesModel'));
  const [out, report] = [join(folder, 'measured'), join(folder, 'report')];
  const from = join(data, 'JPEGImages');
  const started = await roikit(
    'jobs',
    'start',
    from,
    '--model',
    own,
    '--out',
    out,
    '--score',
    '0.001',
    '--max',
    '100',
    '--engine',
    'wasm',
    '--slots',
    '1',
  );
  expect(started).toMatchObject({ code: 0 });
  const { stdout, ...others } = await roikit('jobs', 'collect', '--out', out, '--truths', data, '--json');
  expect(others).toMatchObject({ code: 0 });
  const { metrics } = JSON.parse(stdout) as { metrics: { ap50: number; coco: unknown[]; unmatched: number } };
  await roikit('evaluate', own, '--data', data, '--engine', 'wasm', '--out', report);
  const evaluated = JSON.parse(readFileSync(join(report, 'report.json'), 'utf8')) as typeof metrics;
  expect(metrics.unmatched).toBe(0);
  expect(metrics.ap50).toBe(evaluated.ap50);
  expect(metrics.coco).toEqual(evaluated.coco);

  const names = [0, 1, 2, 3, 4, 5].map((i) => `picture${i}.jpg`);
  const truths = join(from, 'truths.json');
  writeFileSync(
    truths,
    JSON.stringify({
      images: names.map((file_name, i) => ({ id: 100 + i, file_name, width: 96, height: 96 })),
      categories: [
        { id: 7, name: 'square' },
        { id: 9, name: 'bar' },
      ],
      annotations: [{ id: 1, image_id: 103, category_id: 7, bbox: [1, 1, 20, 20], area: 400, iscrowd: 0 }],
    }),
  );
  await roikit('jobs', 'collect', '--out', out, '--format', 'coco', '--truths', truths);
  const results = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8')) as Record<string, number>[];
  expect(new Set(results.map(({ image_id }) => image_id))).toEqual(new Set([100, 101, 102, 103, 104, 105]));
  expect(new Set(results.map(({ category_id }) => category_id))).toEqual(new Set([7, 9]));
});

test.skipIf(!hasS3)('--out s3://…: the same file as in a folder', async () => {
  const server = await startS3('bucket');
  for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value);
  try {
    const out = 's3://bucket/runs/all';
    const started = await start(out, '--score', '0.2', '--engine', 'wasm', '--slots', '1');
    expect(started).toMatchObject({ code: 0, stdout: '3 of 3 shards done\n' });
    const collected = await roikit('jobs', 'collect', '--out', out);
    expect(collected.stdout).toMatch(
      /^20 pictures, \d+ objects: s3:\/\/bucket\/runs\/all\/results\.jsonl\n$/,
    );
    await roikit('jobs', 'collect', '--out', join(folder, 'local'));
    const storage = await openStorage(out);
    const expected = readFileSync(join(folder, 'local/results.jsonl'), 'utf8');
    expect(Buffer.from((await storage.read('results.jsonl'))!).toString()).toBe(expected);
    await storage.remove('model/weights.safetensors');
    expect((await roikit('jobs', 'work', '--out', out)).stderr).toMatch(
      /error: s3:\/\/bucket\/runs\/all\/model: the run's detector is missing there; copy the detector/,
    );
    const nowhere = await start('s3://other/all');
    expect(nowhere).toMatchObject({ code: 1 });
    expect(nowhere.stderr).toMatch(/s3:\/\/other\/all\/run\.json: there is no bucket other; create it/);
  } finally {
    vi.unstubAllEnvs();
    await server.stop();
  }
});

describe('before any work', () => {
  test('no queue at the address: nothing is written', async () => {
    const out = join(folder, 'nowhere');
    const { code, stderr } = await start(out, '--queue', `redis://127.0.0.1:${await freePort()}`);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /error: redis:\/\/127\.0\.0\.1:\d+: no Redis answers \(ECONNREFUSED\); check the address/,
    );
    expect(existsSync(out)).toBe(false);
  });

  test.skipIf(!hasRedis)('a wrong password, which is not shown', async () => {
    const server = await startRedis({ args: ['--requirepass', 'right'] });
    const { code, stderr } = await start(
      join(folder, 'x'),
      '--queue',
      `redis://:hidden@127.0.0.1:${server.port}`,
    );
    await server.stop();
    expect(code).toBe(1);
    expect(stderr).toContain('Redis refuses the password or user; check them in --queue');
    expect(stderr).not.toContain('hidden');
  });

  test.skipIf(!hasRedis)('a Redis that may throw shards away: start and work say so', async () => {
    const server = await startRedis({ args: ['--maxmemory-policy', 'allkeys-lru'] });
    const out = copyOfLocal('evicts');
    const queue = ['--queue', server.url];
    const said = /warning: redis:.*maxmemory-policy is allkeys-lru.*set it to noeviction/;
    expect((await start(out, '--score', '0.2', ...queue)).stderr).toMatch(said);
    expect((await roikit('jobs', 'work', '--out', out, '--engine', 'wasm', ...queue)).stderr).toMatch(said);
    await server.stop();
  });

  test('a model that is missing, at the start and later', async () => {
    const out = copyOfLocal('withoutModel');
    const missing = await roikit('jobs', 'start', pictures, '--model', join(folder, 'none'), '--out', out);
    expect(missing.stderr).toMatch(/none: no detector there \(no detector\.json\); give the folder/);
    rmSync(join(out, 'model/weights.safetensors'));
    const { code, stderr } = await roikit('jobs', 'work', '--out', out);
    expect(code).toBe(1);
    expect(stderr).toMatch(/model: the run's detector is missing there; copy the detector there again/);
  });

  test('a damaged detector, or a class that it does not know: nothing is written', async () => {
    const damaged = join(folder, 'damaged');
    cpSync(model, damaged, { recursive: true });
    const weights = join(damaged, 'weights.safetensors');
    writeFileSync(weights, readFileSync(weights).subarray(0, -8));
    const out = join(folder, 'spent');
    const begun = await roikit('jobs', 'start', pictures, '--model', damaged, '--out', out);
    expect(begun.code).toBe(1);
    expect(begun.stderr).toMatch(/damaged: the detector can't be loaded \(.*; copy or train it again/);
    const unknown = await start(out, '--classes', 'square,circle');
    expect(unknown).toMatchObject({ code: 2 });
    expect(unknown.stderr).toMatch(/circle/);
    expect(existsSync(out)).toBe(false);
  });

  test('another model, other settings or other pictures in the same folder', async () => {
    const out = copyOfLocal('taken');
    const other = await saveFastDetector(join(folder, 'other'), { seed: 2 });
    const args = (of: string, ...more: string[]) =>
      roikit('jobs', 'start', pictures, '--model', of, '--out', out, '--score', '0.2', ...more);
    expect((await args(other)).stderr).toMatch(
      /taken: another run lies there \(model: "[0-9a-f]+" there, "[0-9a-f]+" here\); give the same to go on with it, or choose another folder/,
    );
    expect((await args(model, '--score', '0.9')).stderr).toMatch(/\(score: 0\.2 there, 0\.9 here\)/);
    writeFileSync(join(pictures, 'new.png'), '');
    const { code, stderr } = await args(model);
    rmSync(join(pictures, 'new.png'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/the run there is over other pictures, or some have changed; give the pictures/);
  });

  test('a changed manifest', async () => {
    const out = copyOfLocal('changed');
    const path = join(out, 'shards.jsonl');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"count":8', '"count":7'));
    const { code, stderr } = await roikit('jobs', 'work', '--out', out, '--engine', 'wasm');
    expect(code).toBe(1);
    expect(stderr).toMatch(/shards\.jsonl: the manifest has changed since the run was started; put it back/);
  });

  test('a folder that can not be made; pictures in object storage', async () => {
    const taken = join(folder, 'aFile');
    writeFileSync(taken, '');
    expect((await start(join(taken, 'run'))).stderr).toMatch(/a part of this path is a file, not a folder/);
    const args = ['--model', model, '--out', join(folder, 'y')];
    const stored = await roikit('jobs', 'start', 's3://bucket/photos', ...args);
    expect(stored).toMatchObject({ code: 2 });
    expect(stored.stderr).toMatch(
      /s3:\/\/bucket\/photos: pictures are read from disks and http\(s\) addresses/,
    );
  });

  test('no run in the folder', async () => {
    const { stderr } = await roikit('jobs', 'status', '--out', join(folder, 'empty'));
    expect(stderr).toMatch(/empty: no run there \(no run\.json\); start one, or check the folder/);
  });
});
