import { access, stat } from 'node:fs/promises';
import { extname } from 'node:path';

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

/** The path without its ending. */
export function withoutExtension(path: string): string {
  return path.slice(0, path.length - extname(path).length);
}
