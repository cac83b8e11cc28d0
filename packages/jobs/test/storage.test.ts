import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { localQueue } from '../src/queue/localQueue';
import { collect } from '../src/collect/collect';
import { readStatus } from '../src/run/readStatus';
import { retryFailed } from '../src/run/retryFailed';
import { openStorage } from '../src/storage/openStorage';
import type { Storage } from '../src/types';
import { freePort } from './redisServer';
import { hasS3, startS3, type S3Server } from './s3Server';
import { testRun, textOf, workOff } from './support';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let folder: string;
let s3: S3Server | undefined;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'roikit-storage-'));
  if (hasS3) s3 = await startS3();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await s3?.stop();
});
beforeEach(() => {
  for (const [name, value] of Object.entries(s3?.env ?? {})) vi.stubEnv(name, value);
});
afterEach(() => vi.unstubAllEnvs());

const S3 = 's3://roikit-test';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array | undefined): string | undefined => data && new TextDecoder().decode(data);

async function namesIn(storage: Storage, name: string): Promise<string[]> {
  const names: string[] = [];
  for await (const file of storage.list(name)) names.push(file.name);
  return names.sort();
}

test.each(['gs://bucket/run', 'https://host/run'])('%s is no place for a run', async (address) => {
  await expect(openStorage(address)).rejects.toThrow(
    `openStorage: a run lies in a folder or at s3://bucket/prefix, got ${address}`,
  );
});

describe.each([
  ['a folder', true, (name: string) => join(folder, 'runs', name)],
  ['object storage', hasS3, (name: string) => `${S3}/runs/${name}`],
])('%s', (_kind, isThere, at) => {
  const left = async (name: string): Promise<string[]> =>
    namesIn(await openStorage(at('.').replace(/\/\.$/, '')), name);

  test.skipIf(!isThere)(
    'gives back what was written, whole or a piece; nothing of what is missing',
    async () => {
      const storage = await openStorage(at('one'));
      expect(await storage.read('run.json')).toBeUndefined();
      expect(await storage.exists('a/ü b.txt')).toBe(false);
      await storage.write('a/ü b.txt', bytes('0123456789'));
      expect(await storage.exists('a/ü b.txt')).toBe(true);
      expect(text(await storage.read('a/ü b.txt'))).toBe('0123456789');
      expect(text(await storage.read('a/ü b.txt', { start: 3, bytes: 4 }))).toBe('3456');
      await storage.write('a/ü b.txt', bytes('new'));
      expect(text(await storage.read('a/ü b.txt'))).toBe('new');
      await storage.write('empty', []);
      expect(text(await storage.read('empty'))).toBe('');
      await storage.remove('a/ü b.txt');
      await storage.remove('a/ü b.txt'); // gone already
      expect(await storage.read('a/ü b.txt')).toBeUndefined();
    },
  );

  test.skipIf(!isThere)('lists the files of one folder, of any number, with their times', async () => {
    const storage = await openStorage(at('two'));
    expect(await namesIn(storage, 'parts')).toEqual([]);
    const before = Date.now() - 2000; // S3 tells seconds
    const names = Array.from({ length: 35 }, (_, i) => `${i + 10}.jsonl`);
    for (const name of names) await storage.write(`parts/${name}`, bytes('x'));
    await storage.write('parts/deeper/other', bytes('x'));
    await storage.write('partsToo', bytes('x'));
    expect(await namesIn(storage, 'parts')).toEqual(names);
    for await (const { modified } of storage.list('parts')) {
      expect((await modified()).getTime()).toBeGreaterThan(before);
      break;
    }
  });

  test.skipIf(!isThere)(
    'a file of many pieces is as they were: strings and bytes, more than one upload',
    async () => {
      const storage = await openStorage(at('three'));
      const pieces = (async function* () {
        for (let i = 0; i < 40; i++) yield i % 2 ? `é${i}`.repeat(200_000) : bytes(`é${i}`.repeat(200_000));
      })();
      await storage.write('large', pieces);
      const expected = createHash('sha256');
      for (let i = 0; i < 40; i++) expected.update(`é${i}`.repeat(200_000));
      const read = await storage.read('large');
      expect(read!.length).toBeGreaterThan(24e6);
      expect(createHash('sha256').update(read!).digest('hex')).toBe(expected.digest('hex'));
    },
  );

  test.skipIf(!isThere).each([1, 40])(
    'what fails after %i MB is not seen, and what was there stays',
    async (size) => {
      const storage = await openStorage(at('four'));
      await storage.write('file', bytes('before'));
      const failing = (async function* () {
        for (let i = 0; i < size; i++) yield new Uint8Array(1e6);
        throw new Error('the source broke');
      })();
      await expect(storage.write('file', failing)).rejects.toThrow('the source broke');
      expect(text(await storage.read('file'))).toBe('before');
      expect(await left('four')).toEqual(['file']);
    },
  );
});

describe.skipIf(!hasS3)('a run in object storage', () => {
  test('the file is that of a run in a folder, byte for byte; a bad picture is done again', async () => {
    const texts = ['1', 'bad', '0', '3', '2', '2', '11'];
    const local = await testRun(texts, { shardSize: 3 });
    const remote = await testRun(texts, { shardSize: 3, location: `${S3}/a/run` });
    for (const run of [local, remote]) {
      await workOff(run, localQueue());
      await collect({ ...run, format: 'jsonl', name: 'all.jsonl' });
    }
    expect(text(await remote.storage.read('all.jsonl'))).toBe(textOf(local.folder, 'all.jsonl'));
    expect((await readStatus(remote.storage, remote.run)).shards).toEqual({ all: 3, done: 3, missing: 0 });
    expect(await namesIn(remote.storage, 'attempts')).toEqual([]);
    expect(await retryFailed(remote.storage, remote.run, { pictures: true })).toBe(1);
    expect((await readStatus(remote.storage, remote.run)).shards.done).toBe(2);
    for (const { root } of [local, remote]) rmSync(root, { recursive: true });
  });

  test('multipart uploads that broke are not left to be paid for', async () => {
    const { S3Client, ListMultipartUploadsCommand } = await import('@aws-sdk/client-s3');
    const client = new S3Client({ forcePathStyle: true });
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'roikit-test' }));
    client.destroy();
    expect(Uploads).toEqual([]);
  });
});

describe.skipIf(!hasS3)('object storage that is no good says what to do', () => {
  const ask = async (address: string) => (await openStorage(address)).read('run.json');

  test('no bucket of this name, or none given', async () => {
    await expect(ask('s3://roikit-other/x')).rejects.toThrow(
      's3://roikit-other/x/run.json: there is no bucket roikit-other; create it, or check its name',
    );
    await expect(ask('s3://')).rejects.toThrow('object storage must be s3://bucket/prefix, got s3://');
  });

  test('nobody there', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_S3', `http://127.0.0.1:${await freePort()}`);
    await expect(ask(S3)).rejects.toThrow(
      "run.json: the object storage doesn't answer (ECONNREFUSED); check AWS_ENDPOINT_URL_S3",
    );
  });

  test('no region, no keys', async () => {
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_REGION', undefined);
    await expect(ask(S3)).rejects.toThrow('no region is known here; set AWS_REGION');
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    await expect(ask(S3)).rejects.toThrow('no keys for it are known here; set AWS_ACCESS_KEY_ID');
  });

  // The last: nobody is let in any more.
  test('keys that are refused, of reads and of HEADs, which have no text', async () => {
    await s3!.lock();
    await expect(ask(S3)).rejects.toThrow('the keys are refused; check AWS_ACCESS_KEY_ID');
    await expect((await openStorage(S3)).exists('run.json')).rejects.toThrow(/run\.json: .*keys/);
  });
});
