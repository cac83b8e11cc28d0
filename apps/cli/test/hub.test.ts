import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { networkNames } from '@roikit/classification';
import { writeSafetensors } from '@roikit/weights';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorLine, Interrupted, UsageError, UserError } from '../src/errors';
import { localFile } from '../src/download/localFile';
import { parseHubName } from '../src/download/hub';
import { weightsNamed } from '../src/weights/imagenet';
import { timmPreprocessing } from '../src/classification/timm';
import { sha256, startHub, type HubServer, type HubServerFile } from './hubServer';
import { temporaryFolder } from './support';

const content = writeSafetensors(
  new Map([['fc.weight', { dtype: 'float32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }]]),
);
/** What is read of the file in timm's repositories. */
const config = {
  pretrained_cfg: {
    input_size: [3, 224, 224],
    crop_pct: 0.875,
    interpolation: 'bicubic',
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
};

/** What the hub has. */
const files: Record<string, HubServerFile> = {
  '/timm/tiny/resolve/main/model.safetensors': { bytes: content },
  '/timm/tiny/resolve/main/config.json': { bytes: Buffer.from(JSON.stringify(config)) },
  '/me/nested/resolve/main/v2/weights.pth': { bytes: content },
  '/me/damaged/resolve/main/model.safetensors': { bytes: content, etag: '0'.repeat(64) },
  '/me/cut/resolve/main/model.safetensors': { bytes: content, cutAt: 50 },
};
let hub: HubServer;
let hubUrl: string;
let folder: string;
beforeAll(async () => {
  hub = await startHub(files);
  hubUrl = hub.url;
});
afterAll(() => hub.close());
beforeEach(() => {
  hub.requests.length = 0;
  folder = temporaryFolder();
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const fetchFile = (name: string) => localFile(name, { hubUrl, folder });
const failure = (name: string) =>
  fetchFile(name).then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );
const leftOver = () =>
  readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.part'));

describe('names', () => {
  test('a path is a path', async () => {
    expect(parseHubName('weights/model.safetensors')).toBeUndefined();
    expect(await localFile('weights/model.safetensors')).toBe('weights/model.safetensors');
  });

  test('owner/name has timm’s file; a file may lie in folders', () => {
    expect(parseHubName('hf:timm/resnet18.tv_in1k')).toEqual({
      repo: 'timm/resnet18.tv_in1k',
      path: 'model.safetensors',
    });
    expect(parseHubName('hf:me/x/v2/a.pth')).toEqual({ repo: 'me/x', path: 'v2/a.pth' });
  });

  test.each([
    'hf:',
    'hf:timm',
    'hf:timm/',
    'hf:a/b//c',
    'hf:../b/c',
    'hf:a/b/../../../x',
    'hf:a/b\\..\\c',
    'hf:a/b?c',
  ])('%s is refused', (name) => {
    expect(() => parseHubName(name)).toThrow(UsageError);
  });
});

describe('download', () => {
  test('a file comes once, whole, to the place its name says', async () => {
    const path = await fetchFile('hf:timm/tiny');
    expect(path).toBe(join(folder, 'timm/tiny/model.safetensors'));
    expect(readFileSync(path)).toEqual(Buffer.from(content));
    const before = hub.requests.length;
    expect(await fetchFile('hf:timm/tiny')).toBe(path);
    expect(hub.requests).toHaveLength(before);
    expect(await fetchFile('hf:me/nested/v2/weights.pth')).toBe(join(folder, 'me/nested/v2/weights.pth'));
    expect(leftOver()).toEqual([]);
  });

  test('the bar counts bytes', async () => {
    await fetchFile('hf:timm/tiny');
    const shown = vi
      .mocked(process.stderr.write)
      .mock.calls.map(([text]) => String(text))
      .join('');
    expect(shown).toMatch(/timm\/tiny .*0\.\d kB\/0\.\d kB/);
  });

  test.each([
    ['hf:me/damaged', 'the download failed (its SHA-256'],
    ['hf:me/cut', 'the download failed'],
  ])('%s: nothing stays that is not the whole file', async (name, why) => {
    const error = await failure(name);
    expect(error).toBeInstanceOf(UserError);
    expect(errorLine(error)).toContain(why);
    expect(readdirSync(folder, { recursive: true, withFileTypes: true }).filter((e) => e.isFile())).toEqual(
      [],
    );
  });

  test('a file that the repository does not have is named', async () => {
    expect(errorLine(await failure('hf:timm/tiny/other.bin'))).toContain(
      `hf:timm/tiny/other.bin: the hub has no such file; look up its name at ${hubUrl}/timm/tiny`,
    );
  });

  test('a repository that needs a login is said to', async () => {
    expect(errorLine(await failure('hf:me/private'))).toMatch(/refuses \(401\).*by hand and put it at /);
  });

  test('Ctrl-C ends it and leaves nothing', async () => {
    const controller = new AbortController();
    const download = localFile('hf:me/slow', { hubUrl, folder, signal: controller.signal });
    await vi.waitFor(() => expect(hub.requests).toHaveLength(2));
    controller.abort();
    await expect(download).rejects.toThrow(Interrupted);
    expect(leftOver()).toEqual([]);
  });
});

test('an unreachable hub: the error names the file and its place, and a file put there is taken', async () => {
  // Port 9 (discard) of this machine: nothing listens.
  const options = { hubUrl: 'http://127.0.0.1:9', folder };
  const error = await localFile('hf:timm/tiny', options).catch((cause: unknown) => cause);
  const target = join(folder, 'timm/tiny/model.safetensors');
  const line = errorLine(error);
  expect(line).toContain("can't be reached");
  expect(line).toContain('http://127.0.0.1:9/timm/tiny/resolve/main/model.safetensors');
  expect(line.endsWith(target)).toBe(true);
  expect(existsSync(target)).toBe(false);

  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
  expect(await localFile('hf:timm/tiny', options)).toBe(target);
});

describe('addresses', () => {
  const named = (hash: string) => `/files/tiny-${hash}.safetensors`;
  const good = named(sha256(content).slice(0, 8));
  const bad = named('0'.repeat(10));
  beforeAll(() => Object.assign(files, { [good]: { bytes: content }, [bad]: { bytes: content } }));

  test('a file comes once, to a place of its host and path, checked by the hash in its name', async () => {
    const path = await localFile(`${hubUrl}${good}`, { folder });
    expect(path.startsWith(folder)).toBe(true);
    expect(path.endsWith(join(...good.split('/')))).toBe(true);
    expect(readFileSync(path)).toEqual(Buffer.from(content));
    const before = hub.requests.length;
    expect(await localFile(`${hubUrl}${good}`, { folder })).toBe(path);
    expect(hub.requests).toHaveLength(before);
  });

  test.each([
    ['another hash', () => bad, 'its SHA-256 is not the announced one'],
    ['half a file', () => '/me/cut/resolve/main/model.safetensors', ''],
    ['no such file', () => '/files/none.pth', 'the server answers 404'],
  ])('%s: told with what to do by hand, nothing stays', async (_, path, why) => {
    const address = `${hubUrl}${path()}`;
    const error = await localFile(address, { folder }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(UserError);
    expect(errorLine(error)).toContain(`${address}: it can't be fetched (${why}`);
    expect(errorLine(error)).toMatch(/Fetch it by hand and put it at .*\/(files|me)\//);
    const left = readdirSync(folder, { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile())).toEqual([]);
  });

  test('no network: the address and the place; a file put there is taken', async () => {
    const address = 'http://127.0.0.1:9/models/a-12345678.pth';
    const error = await localFile(address, { folder }).catch((cause: unknown) => cause);
    const target = join(folder, '127.0.0.1_9/models/a-12345678.pth');
    expect(errorLine(error)).toMatch(/^http:\/\/127\.0\.0\.1:9\/.*can't be fetched/);
    expect(errorLine(error).endsWith(target)).toBe(true);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
    expect(await localFile(address, { folder })).toBe(target);
  });
});

describe('--weights imagenet', () => {
  const backbones = [
    'alexnet mobilenetV2 resnet18 resnet34 resnet50 resnet101',
    'squeezenet1_0 squeezenet1_1 vgg11 vgg13 vgg16 vgg19',
  ];
  test.each(backbones.join(' ').split(' '))('%s has a file with a hash in its name', (name) => {
    expect(networkNames).toContain(name);
    expect(weightsNamed('imagenet', name)).toMatch(
      /^https:\/\/download\.pytorch\.org\/models\/[\w.-]+-[0-9a-f]{8}\.pth$/,
    );
  });

  test('other weights stay what they are; a network without a file is told', () => {
    expect(weightsNamed('hf:timm/x', 'resnet18')).toBe('hf:timm/x');
    expect(weightsNamed(undefined, 'resnet18')).toBeUndefined();
    expect(() => weightsNamed('imagenet', 'caffenet')).toThrow(/--weights imagenet: .*caffenet/);
  });
});

test('a timm repository says itself how pictures are prepared', async () => {
  expect(await timmPreprocessing('hf:timm/tiny', { hubUrl, folder })).toEqual({
    resize: 256,
    crop: 224,
    interpolation: 'bicubic',
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  });
  expect(await timmPreprocessing('model.safetensors')).toBeUndefined();
});
