import { randomUUID } from 'node:crypto';
import { mkdir, open, opendir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Storage } from '../types';

/** What a writer that was killed leaves behind ends so. */
const TEMPORARY = '.tmp';

/** Bytes that are gathered before the disk is asked. */
const BUFFER = 1 << 20;

/** A run in a folder; on many machines, of a disk that all of them see. Errors name the file. */
export function fileStorage(folder: string): Storage {
  const pathOf = (name: string): string => join(folder, name);
  return {
    location: resolve(folder),
    read: (name, range) => unlessMissing(readFile(pathOf(name), range)),
    write: (name, data) => writeFile(pathOf(name), data),
    exists: async (name) => (await unlessMissing(stat(pathOf(name)))) !== undefined,
    list: (name) => listFolder(pathOf(name)),
    remove: (name) => rm(pathOf(name), { force: true }),
  };
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

async function readFile(path: string, range?: { start: number; bytes: number }): Promise<Uint8Array> {
  const file = await open(path);
  try {
    if (range === undefined) return await file.readFile();
    const data = new Uint8Array(range.bytes);
    const { bytesRead } = await file.read(data, 0, range.bytes, range.start);
    return data.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Under a temporary name of its own, then renamed: a reader sees all of it or nothing, and two writers never meet. */
async function writeFile(path: string, data: Parameters<Storage['write']>[1]): Promise<void> {
  const temporary = `${path}.${randomUUID()}${TEMPORARY}`;
  await mkdir(dirname(path), { recursive: true });
  try {
    const file = await open(temporary, 'wx');
    try {
      if (data instanceof Uint8Array) await file.writeFile(data);
      else await writeChunks(file, data);
      await file.sync(); // after a power cut the name must not stand for an empty file
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw naming(error, path);
  }
}

async function writeChunks(
  file: FileHandle,
  chunks: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
): Promise<void> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    if (size > 0) await file.appendFile(Buffer.concat(pieces));
    [pieces, size] = [[], 0];
  };
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    pieces.push(bytes);
    size += bytes.length;
    if (size >= BUFFER) await flush();
  }
  await flush();
}

/** Errors of open files name none. */
function naming(error: unknown, path: string): unknown {
  const system = error as NodeJS.ErrnoException;
  if (system?.code !== undefined && system.syscall !== undefined) system.path = path;
  return error;
}

async function* listFolder(path: string): ReturnType<Storage['list']> {
  const folder = await unlessMissing(opendir(path));
  if (folder === undefined) return;
  for await (const entry of folder) {
    if (!entry.isFile() || entry.name.endsWith(TEMPORARY)) continue;
    const modified = async (): Promise<Date> => (await stat(join(path, entry.name))).mtime;
    yield { name: entry.name, modified };
  }
}
