import { inOrder } from '@roikit/detectors';
import type { ManifestEntry } from '@roikit/jobs';
import { isObjectStorage } from '@roikit/jobs/node';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { createInterface } from 'node:readline';
import { isAddress } from '../download/address';
import { UsageError } from '../errors';
import { findPictures } from '../pictures/findPictures';
import { isPipe } from '../pictures/readSource';

/** Files whose sizes are asked for at a time: a shared disk answers each in a millisecond. */
const AT_ONCE = 64;

export interface Sources {
  /** Paths, folders, patterns and addresses. */
  patterns: readonly string[];
  /** A file with a path or address a line; read as it is used, so it may be longer than the memory. */
  list?: string;
}

/** Where relative paths of a run begin: the folder that is its only source, else the working directory. */
export async function rootOf({ patterns, list }: Sources): Promise<string> {
  const [first] = patterns;
  if (list !== undefined || patterns.length !== 1 || first === undefined || isAddress(first))
    return process.cwd();
  const info = await stat(first).catch(() => undefined);
  return info?.isDirectory() ? resolve(first) : process.cwd();
}

/** The pictures of a run: relative to `root` where they lie below it, with their sizes. */
export function manifestEntries(sources: Sources, root: string): AsyncGenerator<ManifestEntry> {
  return inOrder(pathsOf(sources), (path) => entryOf(path, root), { atOnce: AT_ONCE });
}

async function* pathsOf({ patterns, list }: Sources): AsyncGenerator<string> {
  if (patterns.some(isPipe))
    throw new UsageError("jobs: a picture from a pipe is one machine's work; use roikit detect");
  const stored = patterns.find(isObjectStorage);
  if (stored !== undefined)
    throw new UsageError(
      `${stored}: pictures are read from disks and http(s) addresses; give those (--list)`,
    );
  if (patterns.length > 0) yield* await findPictures(patterns);
  if (list === undefined) return;
  const lines = createInterface({ input: createReadStream(list, 'utf8'), crlfDelay: Infinity });
  for await (const line of lines) if (line.trim() !== '') yield line.trim();
}

/** A file that is missing has no size, and fails by itself when its turn comes. */
async function entryOf(source: string, root: string): Promise<ManifestEntry> {
  if (isAddress(source)) return { image: source };
  const path = resolve(source);
  const size = (await stat(path).catch(() => undefined))?.size;
  const below = relative(root, path);
  const isBelow = !isAbsolute(below) && !below.startsWith(`..${sep}`) && below !== '..';
  return { image: isBelow ? below.split(sep).join('/') : path, ...(size !== undefined && { size }) };
}
