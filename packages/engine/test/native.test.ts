import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchLibraries, findWheel, isUnpacked } from '../src/native/wheel';
import type { NativeInstallEvent } from '../src/node';

let folder: string;
let python: string;
let libraries: string;

/** A wheel of the real one's layout, a few bytes long. */
const wheel = zipSync({
  'tensorflow/libtensorflow_cc.so.2': new Uint8Array(100_000).fill(7),
  'tensorflow/libtensorflow_framework.so.2': new Uint8Array(1000).fill(8),
  'tensorflow/include/tensorflow/c/c_api.h': new Uint8Array([1, 2]),
  'tensorflow/include/absl/strings/str_cat.h': new Uint8Array([3]),
  'tensorflow/python/ops/nn.py': new Uint8Array([4]),
});
const sha256 = createHash('sha256').update(wheel).digest('hex');

/** A `python3 -m pip` that answers from files: `install --report` prints a report, `download` copies the wheel. */
const fakePip = (files: string) => `#!/bin/sh
case "$3" in
  install) cat ${files}/report.json ;;
  download) for last; do :; done
    while [ "$1" != --dest ]; do shift; done
    [ -f ${files}/slow ] && sleep 30
    cp ${files}/wheel.zip "$2/tensorflow_cpu-9.9.9-cp312.whl" ;;
esac
`;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roikit-native-'));
  python = join(folder, 'python3');
  libraries = join(folder, 'libraries');
  await writeFile(python, fakePip(folder));
  await chmod(python, 0o755);
  await writeFile(join(folder, 'wheel.zip'), wheel);
  const install = [
    {
      download_info: { url: 'file:///nowhere.whl', archive_info: { hashes: { sha256 } } },
      metadata: { version: '9.9.9' },
    },
  ];
  await writeFile(join(folder, 'report.json'), JSON.stringify({ install }));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(process.platform === 'win32')('libraries out of a wheel', () => {
  it('finds the wheel that pip names', async () => {
    const found = await findWheel({ python });
    expect(found).toEqual({
      name: 'tensorflow-cpu',
      version: '9.9.9',
      url: 'file:///nowhere.whl',
      sha256,
      size: undefined,
    });
  });

  it('unpacks libraries and C headers, nothing else, and counts every byte', async () => {
    const events: NativeInstallEvent[] = [];
    const options = { python, onProgress: (event: NativeInstallEvent) => events.push(event) };
    await fetchLibraries(await findWheel(options), libraries, options);
    const files = (await readdir(libraries, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    expect(files.map((entry) => entry.name).sort()).toEqual([
      'c_api.h',
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
      'roikit.json',
    ]);
    expect([...(await readFile(join(libraries, 'include/tensorflow/c/c_api.h')))]).toEqual([1, 2]);
    expect(events.at(-1)).toEqual({ type: 'unpack', bytes: 101_002, total: 101_002 });
    expect(await isUnpacked(libraries)).toBe(true);
  });

  it('refuses a wheel with another hash and leaves nothing', async () => {
    const found = await findWheel({ python });
    await writeFile(join(folder, 'wheel.zip'), wheel.with(wheel.length - 1, 1));
    await expect(fetchLibraries(found, libraries, { python })).rejects.toThrow(
      /SHA-256 is .* the index says/,
    );
    expect(await isUnpacked(libraries)).toBe(false);
    expect((await readdir(folder)).filter((name) => name.startsWith('libraries'))).toEqual([]);
  });

  it('stops when it is told to and leaves nothing', async () => {
    await writeFile(join(folder, 'slow'), '');
    const found = await findWheel({ python });
    const started = performance.now();
    await expect(
      fetchLibraries(found, libraries, { python, signal: AbortSignal.timeout(300) }),
    ).rejects.toThrow(/abort|timeout/i);
    expect(performance.now() - started).toBeLessThan(20_000);
    expect((await readdir(folder)).filter((name) => name.startsWith('libraries'))).toEqual([]);
  });

  it('starts over after it was killed', async () => {
    await fetchLibraries(await findWheel({ python }), libraries, { python });
    await rm(join(libraries, 'roikit.json'));
    expect(await isUnpacked(libraries)).toBe(false);
    await fetchLibraries(await findWheel({ python }), libraries, { python });
    expect(await isUnpacked(libraries)).toBe(true);
  });

  it('names the cure when there is no Python', async () => {
    await expect(findWheel({ python: join(folder, 'no-python') })).rejects.toThrow(
      /cannot be run .* Install Python 3 with pip/,
    );
  });
});
