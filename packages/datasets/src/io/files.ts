import { imageExtensions } from '@roikit/image/node';
import { access, readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { SampleError } from '../types';

/** How many files are read or decoded at a time: enough to keep the disk and sharp's 4 threads busy. */
export const concurrency = 8;

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

export async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Names in a folder, sorted; none where there is no such folder. Hidden files (macOS's `._x.xml`) are left out. */
export async function list(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => !name.startsWith('.')).sort();
}

/** Names in a folder with one of the endings, in any case. */
export async function listByExtension(folder: string, extensions: readonly string[]): Promise<string[]> {
  return (await list(folder)).filter((name) => extensions.includes(extname(name).toLowerCase()));
}

/** `folder/stem` + the first image ending that exists there. */
export async function findImage(folder: string, stem: string): Promise<string | undefined> {
  for (const extension of imageExtensions) {
    for (const ending of [extension, extension.toUpperCase()]) {
      const path = join(folder, stem + ending);
      if (await isFile(path)) return path;
    }
  }
  return undefined;
}

/** Trimmed lines of a text file, without the empty ones. */
export async function readLines(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8');
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** The path without its ending. */
export function withoutExtension(path: string): string {
  return path.slice(0, path.length - extname(path).length);
}

/** Paths of the folders below `root`, at most `depth` levels down, each before its own subfolders. */
export async function subfolders(root: string, { depth }: { depth: number }): Promise<string[]> {
  if (depth === 0) return [];
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const folders: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const folder = join(root, entry.name);
    const isOne = entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(folder)));
    if (isOne && !entry.name.startsWith('.'))
      folders.push(folder, ...(await subfolders(folder, { depth: depth - 1 })));
  }
  return folders;
}

const validationNames = ['val', 'valid', 'validation'];

/** Whether two names mean one split: 'val', 'valid' and 'validation' do. */
export function isSameSplit(a: string, b: string): boolean {
  return a === b || (validationNames.includes(a) && validationNames.includes(b));
}

/** The error for a split that a dataset doesn't have. */
export function noSuchSplit(
  path: string,
  { split, known }: { split: string; known: readonly string[] },
): SampleError {
  return new SampleError(path, {
    what: `there is no split '${split}'`,
    cure:
      known.length > 0 ? `choose one of ${known.join(', ')}` : 'leave `split` out to read every annotation',
  });
}
