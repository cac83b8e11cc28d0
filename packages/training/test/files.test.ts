import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mulberry32 } from '@roikit/geometry';
import { packRun, unpackRun, withPrefix } from '../src';
import { atomicWrite, checkpointFile, lockFolder } from '../src/node';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'roikit-training-'))));
afterAll(() => rm(folder, { recursive: true }));

const bytes = (text: string) => new TextEncoder().encode(text);

describe('atomicWrite', () => {
  test('makes folders, replaces what is there, leaves no temporary file', async () => {
    const path = join(folder, 'a', 'b', 'file');
    await atomicWrite(path, bytes('old'));
    await atomicWrite(path, bytes('new'));
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await readdir(join(folder, 'a', 'b'))).toEqual(['file']);
  });

  test('who has the old file open goes on reading the old file', async () => {
    const path = join(folder, 'replaced');
    await atomicWrite(path, bytes('the old text'));
    const reader = await open(path);
    await atomicWrite(path, bytes('new'));
    expect(await reader.readFile('utf8')).toBe('the old text');
    await reader.close();
    expect(await readFile(path, 'utf8')).toBe('new');
  });

  test('eight writers at once: one of them wins, none fails', async () => {
    const path = join(folder, 'many');
    const texts = [...Array(8).keys()].map((i) => String(i).repeat(50_000));
    await Promise.all(texts.map((text) => atomicWrite(path, bytes(text))));
    expect(texts).toContain(await readFile(path, 'utf8'));
  });

  test('where it fails, the path is named and the old file is as it was', async () => {
    await writeFile(join(folder, 'plain'), 'kept');
    const path = join(folder, 'plain', 'below');
    await expect(atomicWrite(path, bytes('x'))).rejects.toThrow(
      new RegExp(`^${path}: can't be written \\(.*\\); check the path$`),
    );
    expect(await readFile(join(folder, 'plain'), 'utf8')).toBe('kept');
  });
});

test('checkpointFile: nothing at first, then what was saved; a damaged file is named', async () => {
  const path = join(folder, 'run', 'checkpoint.safetensors');
  const store = checkpointFile(path);
  expect(await store.load()).toBeUndefined();
  const tensor = { dtype: 'float32' as const, shape: [2], data: Float32Array.of(1.5, -2) };
  await store.save(new Map([['w', tensor]]));
  expect(await store.load()).toEqual(new Map([['w', tensor]]));
  await writeFile(path, (await readFile(path)).subarray(0, 20));
  await expect(store.load()).rejects.toThrow(new RegExp(`^${path}: the checkpoint can't be read`));
});

test('a run goes through a file: its phase, settings, random state and weights, each under its own names', async () => {
  const tensor = (...values: number[]) => ({
    dtype: 'float32' as const,
    shape: [values.length],
    data: Float32Array.from(values),
  });
  const loaded: unknown[] = [];
  const trainee = {
    stateDict: async () => new Map([['a.b', tensor(1, 2)]]),
    load: (state: unknown) => void loaded.push(state),
  };
  const run = { phase: 'fit', settings: { rate: 0.5 }, randomState: 77 };
  const phaseState = new Map([['best.a.b', tensor(3, 4)]]);
  const store = checkpointFile(join(folder, 'packed', 'checkpoint.safetensors'));
  await store.save(await packRun(trainee, { ...run, phaseState }));
  const random = mulberry32(1);
  const unpacked = unpackRun((await store.load())!, { trainee, settings: { rate: 0.5 }, random });
  expect(unpacked).toEqual({ ...run, phaseState });
  expect(loaded).toEqual([await trainee.stateDict()]);
  expect(random.state).toBe(77);
  expect(withPrefix(phaseState, 'best.')).toEqual(new Map([['a.b', tensor(3, 4)]]));
  expect(withPrefix(phaseState, 'average.')).toEqual(new Map());
});

describe('lockFolder', () => {
  test('one at a time; given back, the next may have it', async () => {
    const path = join(folder, 'locked');
    const lock = await lockFolder(path);
    await expect(lockFolder(path)).rejects.toThrow(
      `${path}: another run is writing to this folder (process ${process.pid})`,
    );
    await lock.release();
    await (await lockFolder(path)).release();
    expect(await readdir(path)).toEqual([]);
  });

  test("a dead process's lock is taken over and its half-written files are cleared, whole ones kept", async () => {
    const path = join(folder, 'stale');
    await (await lockFolder(path)).release();
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    await writeFile(join(path, '.lock'), JSON.stringify({ pid: dead, host: hostname() }));
    await writeFile(join(path, 'checkpoint.safetensors.1.tmp'), 'half');
    await writeFile(join(path, 'metrics.jsonl'), 'whole');
    await mkdir(join(path, 'detector-best'));
    await writeFile(join(path, 'detector-best', 'weights.safetensors.2.tmp'), 'half');
    const lock = await lockFolder(path);
    expect((await readdir(path)).toSorted()).toEqual(['.lock', 'detector-best', 'metrics.jsonl']);
    expect(await readdir(join(path, 'detector-best'))).toEqual([]);
    await lock.release();
  });

  test("a lock with this process's id that it does not hold is that of a container before it was started again", async () => {
    const path = join(folder, 'container');
    await (await lockFolder(path)).release();
    await writeFile(join(path, '.lock'), JSON.stringify({ pid: process.pid, host: hostname() }));
    const lock = await lockFolder(path);
    await expect(lockFolder(path)).rejects.toThrow(/another run is writing/);
    await lock.release();
  });

  test('a lock of another machine is respected, a damaged one is not', async () => {
    const path = join(folder, 'other');
    await (await lockFolder(path)).release();
    await writeFile(join(path, '.lock'), JSON.stringify({ pid: 1, host: 'elsewhere' }));
    await expect(lockFolder(path)).rejects.toThrow(/process 1 on elsewhere/);
    for (const damaged of ['{"pid"', '{}', 'null', `{"host":"${hostname()}"}`, '{"pid":1}']) {
      await writeFile(join(path, '.lock'), damaged);
      await (await lockFolder(path)).release();
    }
  });
});
