import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../engineError';
import { runCommand } from './runCommand';
import type { NativeInstallOptions } from './types';
import { unpackWheel } from './unpackWheel';

/** A wheel that pip has found for this machine. */
export interface Wheel {
  name: string;
  version: string;
  url: string;
  sha256: string;
  /** Bytes; undefined when the server does not say. */
  size: number | undefined;
}

/** The wheel of each device. */
export const wheelName = { cpu: 'tensorflow-cpu', gpu: 'tensorflow' } as const;

/** TensorFlow publishes wheels for a few Python versions; their libraries are the same. 3.12 has had one since 2.16. */
const pythonVersion = '3.12';

const pipCure = "Install Python 3 with pip, or pass its path as `python`, or use from: 'stock'.";

/** Asks pip which wheel fits this machine, without downloading it. */
export async function findWheel(options: NativeInstallOptions): Promise<Wheel> {
  const { python = 'python3', device = 'cpu', signal } = options;
  const name = wheelName[device];
  const dryRun = ['--dry-run', '--quiet', '--ignore-installed', '--target', 'unused', '--report', '-'];
  const args = ['-m', 'pip', 'install', ...dryRun, ...wheelOnly, name];
  const report = await runCommand(python, args, { signal, cure: pipCure });
  const [found] = (JSON.parse(report) as PipReport).install;
  const sha256 = found?.download_info.archive_info?.hashes?.sha256;
  if (found === undefined || sha256 === undefined) {
    throw new EngineError('tensorflow', {
      reason: `pip names no wheel of ${name} with a hash`,
      cure: pipCure,
    });
  }
  const { url } = found.download_info;
  return { name, version: found.metadata.version, url, sha256, size: await sizeOf(url, signal) };
}

const wheelOnly = ['--no-deps', '--only-binary=:all:', '--python-version', pythonVersion];

/** The parts of `pip install --report` that are read here. */
interface PipReport {
  install: {
    download_info: { url: string; archive_info?: { hashes?: { sha256?: string } } };
    metadata: { version: string };
  }[];
}

async function sizeOf(url: string, signal: AbortSignal | undefined): Promise<number | undefined> {
  try {
    const response = await fetch(url, { method: 'HEAD', signal: signal ?? null });
    const length = Number(response.headers.get('content-length'));
    return response.ok && length > 0 ? length : undefined;
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

/** The file whose presence says that a folder of libraries is complete. */
const complete = 'roikit.json';

/** True when the libraries are in the cache. */
export async function isUnpacked(folder: string): Promise<boolean> {
  return stat(join(folder, complete)).then(
    () => true,
    () => false,
  );
}

/**
 * Downloads the wheel with pip, checks its hash and unpacks its libraries and headers to `folder`. All work is done in a
 * folder beside it that takes its name at the end, so a process that is killed leaves nothing that looks complete.
 */
export async function fetchLibraries(
  wheel: Wheel,
  folder: string,
  options: NativeInstallOptions,
): Promise<void> {
  const work = `${folder}.partial`;
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  try {
    const file = await download(wheel, work, options);
    options.onProgress?.({ type: 'verify', file });
    await checkHash(file, wheel);
    await unpackWheel(file, work, options);
    await rm(file);
    await writeFile(join(work, complete), JSON.stringify(wheel, null, 2));
    await rm(folder, { recursive: true, force: true });
    await rename(work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function download(wheel: Wheel, work: string, options: NativeInstallOptions): Promise<string> {
  const { python = 'python3', signal, onProgress } = options;
  // pip's own progress bar is for people; it writes to TMPDIR until the file is whole.
  const timer = setInterval(() => {
    void folderSize(work).then((bytes) =>
      onProgress?.({ type: 'download', bytes: Math.min(bytes, wheel.size ?? bytes), total: wheel.size }),
    );
  }, 500);
  try {
    const args = ['-m', 'pip', 'download', '--quiet', '--no-cache-dir', ...wheelOnly, '--dest', work];
    await runCommand(python, [...args, `${wheel.name}==${wheel.version}`], {
      signal,
      env: { TMPDIR: work },
      cure: `Check the network and the ${Math.ceil((wheel.size ?? 3e8) / 1e6)} MB of space in ${work}.`,
    });
  } finally {
    clearInterval(timer);
  }
  const file = (await readdir(work)).find((name) => name.endsWith('.whl'));
  if (file === undefined) throw new EngineError('tensorflow', { reason: 'pip left no wheel', cure: pipCure });
  return join(work, file);
}

async function folderSize(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => undefined)));
  return sizes.reduce((sum, entry) => sum + (entry?.isFile() ? entry.size : 0), 0);
}

async function checkHash(file: string, wheel: Wheel): Promise<void> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  const got = hash.digest('hex');
  if (got === wheel.sha256) return;
  const reason = `the wheel's SHA-256 is ${got}, the index says ${wheel.sha256}`;
  throw new EngineError('tensorflow', {
    reason,
    cure: 'Try again; if it stays so, do not trust that mirror.',
  });
}
