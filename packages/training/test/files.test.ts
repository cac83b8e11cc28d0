import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mulberry32 } from '@roikit/geometry';
import { packRun, unpackRun, withPrefix } from '../src';
import { atomicWrite, checkpointFile, clearLeftovers, lockFolder } from '../src/node';

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

describe('clearLeftovers', () => {
  test('removes what was left half written, also further down; whole files and those of others stay', async () => {
    const path = join(folder, 'leftovers');
    await mkdir(join(path, 'detector-best'), { recursive: true });
    const left = [`checkpoint.safetensors.${randomUUID()}.tmp`, `detector-best/weights.${randomUUID()}.tmp`];
    const others = ['metrics.jsonl', 'notes.tmp', 'detector-best/a.1.tmp'];
    for (const name of [...left, ...others]) await writeFile(join(path, name), 'text');
    await clearLeftovers(path);
    expect((await readdir(path, { recursive: true })).toSorted()).toEqual(
      ['detector-best', ...others].toSorted(),
    );
  });

  test('knows what atomicWrite leaves where it is killed', async () => {
    const path = join(folder, 'killed');
    const script = `import { atomicWrite } from '${pathToFileURL(join(import.meta.dirname, '../src/node.ts')).href}';
      import fs from 'node:fs/promises';
      import { syncBuiltinESMExports } from 'node:module';
      fs.rename = () => process.kill(process.pid, 'SIGKILL');
      syncBuiltinESMExports();
      await atomicWrite(process.argv.at(-1), new Uint8Array(10));`;
    spawnSync(process.execPath, [...LOADER, '--input-type=module', '-e', script, join(path, 'a')]);
    expect(await readdir(path)).toHaveLength(1);
    await clearLeftovers(path);
    expect(await readdir(path)).toEqual([]);
  });
});

/** From source a process needs the loader that built code does not. */
const LOADER = ['--import', 'tsx', '--conditions=@roikit/source'];

const { pid: DEAD } = spawnSync(process.execPath, ['-e', '']);

/** What a killed process leaves. */
const deadLock = (): string => JSON.stringify({ pid: DEAD, host: hostname(), id: randomUUID() });

/** What a child says next, to `message` where there is one. */
async function answer(child: ChildProcess, message?: string): Promise<string> {
  const heard = once(child, 'message') as Promise<[string]>;
  if (message !== undefined) child.send(message);
  return (await heard)[0];
}

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

  test("a dead process's lock is taken over, and nothing else in the folder touched", async () => {
    const path = join(folder, 'stale');
    await mkdir(path);
    await writeFile(join(path, '.lock'), deadLock());
    await writeFile(join(path, `metrics.jsonl.${randomUUID()}.tmp`), 'somebody is at it');
    const before = await readdir(path);
    const lock = await lockFolder(path);
    expect((await readdir(path)).toSorted()).toEqual(before.toSorted());
    await expect(lockFolder(path)).rejects.toThrow(/another run is writing/);
    await lock.release();
    expect(await readdir(path)).toHaveLength(1);
  });

  test('of many in one process that take over one dead lock, one does', async () => {
    const path = join(folder, 'crowd');
    await mkdir(path);
    await writeFile(join(path, '.lock'), deadLock());
    const tried = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(path)));
    const locks = tried.filter((result) => result.status === 'fulfilled');
    expect(locks).toHaveLength(1);
    expect(await readdir(path)).toEqual(['.lock']);
    await locks[0]!.value.release();
  });

  test('of many processes that take over one dead lock, one does, and those refused leave nothing', async () => {
    const children = Array.from({ length: 4 }, () =>
      fork(new URL('lockChild.ts', import.meta.url), { execArgv: LOADER }),
    );
    const all = (message?: string) => Promise.all(children.map((child) => answer(child, message)));
    try {
      await all();
      for (let round = 0; round < 40; round++) {
        const path = join(folder, `race-${round}`);
        await mkdir(path);
        // What a killed process leaves, and what one that took over and was killed in the midst of it.
        const dead = deadLock();
        await writeFile(join(path, '.lock'), dead);
        const guard = `.lock.${createHash('sha256').update(dead).digest('hex').slice(0, 16)}`;
        if (round % 2 === 1) await writeFile(join(path, guard), deadLock());
        expect((await all(path)).toSorted()).toEqual(['held', 'refused', 'refused', 'refused']);
        expect(await readdir(path)).toEqual(['.lock']);
        await all('release');
        expect(await readdir(path)).toEqual([]);
      }
    } finally {
      for (const child of children) child.kill();
    }
  }, 120_000);

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
