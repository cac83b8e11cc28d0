import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What `atomicWrite` calls a file that is not whole yet. Others' `*.tmp` in the folder are theirs. */
const LEFTOVER = /\.[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.tmp$/;

/**
 * Removes what a killed `atomicWrite` left half written in a folder and those below it. Only while nobody else writes
 * there: `lockFolder`.
 */
export async function clearLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  await Promise.all(
    names.filter((name) => LEFTOVER.test(name)).map((name) => rm(join(folder, name), { force: true })),
  );
}
