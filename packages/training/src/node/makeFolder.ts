import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it that are missing. Node's own `recursive` says "no such file" where the disk is read-only,
 * and never returns in a folder that takes none, such as /proc.
 *
 * @throws the system's error, with the path of the folder that can't be made
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    const above = dirname(resolve(path));
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === resolve(path)) throw error;
    await makeFolder(above);
    await makeOne(path);
  }
}

/** Content with a folder that is there. */
async function makeOne(path: string): Promise<void> {
  await mkdir(path).catch(async (error: unknown) => {
    const there = await stat(path).catch(() => undefined);
    if (!there?.isDirectory()) throw error;
  });
}
