import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasPostgres, startPostgres } from '../../../packages/jobs/test/postgresServer';
import { hasRedis, startRedis } from '../../../packages/jobs/test/redisServer';
import { saveFastDetector, spawnRoikit, writePictures, type Running } from './jobsSupport';
import { roikit, temporaryFolder } from './support';

let folder: string;
let model: string;
let pictures: string;
beforeAll(async () => {
  folder = temporaryFolder();
  model = await saveFastDetector(join(folder, 'model'));
  pictures = await writePictures(join(folder, 'pictures'), { count: 400 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function said({ process, output }: Running, what: RegExp): Promise<void> {
  while (!what.test(output())) {
    if (process.exitCode !== null) throw new Error(`the worker ended: ${output()}`);
    await sleep(50);
  }
}

describe.each([
  ['Redis', hasRedis, startRedis],
  ['PostgreSQL', hasPostgres, startPostgres],
])('%s that is gone for good', (name, isThere, begin) => {
  test.skipIf(!isThere)(
    'a worker can still be stopped, and status tells what the disk knows',
    async () => {
      const server = await begin();
      const out = join(folder, name);
      const run = ['--out', out, '--queue', server.url];
      await roikit('jobs', 'start', pictures, '--model', model, '--shard-size', '8', ...run);
      const worker = spawnRoikit('jobs', 'work', ...run, '--engine', 'wasm', '--slots', '1');
      await said(worker, /shard \d+: 8 pictures/);
      await server.stop();
      await said(worker, /trying again/);
      const status = await roikit('jobs', 'status', ...run);
      expect(status).toMatchObject({ code: 0 });
      expect(status.stdout).toMatch(/shards +\d+ done, \d+ to do/);
      expect(status.stderr).toMatch(/warning: .*no (Redis|PostgreSQL) answers/);
      await sleep(3000); // trying, every second
      // Once, and once more if the shard in hand was done meanwhile.
      expect(worker.output().match(/ECONNREFUSED[^;]*; trying again/g)?.length ?? 0).toBeLessThan(3);
      worker.process.kill('SIGTERM');
      expect(await worker.ended).toEqual({ code: 130, signal: null });
      expect(readdirSync(join(out, 'attempts'))).toEqual([]);
    },
    120_000,
  );
});
