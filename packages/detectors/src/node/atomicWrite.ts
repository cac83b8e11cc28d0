import { rename, writeFile } from 'node:fs/promises';

/** Writes under a temporary name and renames: a reader sees the old file or the new one, never half of one. */
export async function atomicWrite(path: string, data: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, data);
  await rename(temporary, path);
}
