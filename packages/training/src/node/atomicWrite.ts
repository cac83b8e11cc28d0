import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from './makeFolder';

/**
 * Writes under a temporary name of its own and renames: a reader sees the old file or the new one, never half of one,
 * whatever happens to this process, and two writers never meet. Makes the folder where it is missing.
 *
 * @throws Error that names the path, with the system's error as its cause; the old file is then as it was
 */
export async function atomicWrite(path: string, data: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await makeFolder(dirname(path));
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(data);
      await file.sync(); // after a power cut the new name must not stand for an empty file
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new Error(`${path}: can't be written (${(cause as Error).message}); ${cure(cause)}`, { cause });
  }
}

const CURES: Record<string, string> = {
  ENOSPC: 'make room on the disk',
  EDQUOT: 'make room in your quota',
  EACCES: 'choose a folder you may write to',
  EPERM: 'choose a folder you may write to',
  EROFS: 'choose a folder on a disk that is not read-only',
};

function cure(error: unknown): string {
  return CURES[(error as NodeJS.ErrnoException).code ?? ''] ?? 'check the path';
}
