import { existsSync } from 'node:fs';
import { clearLeftovers, lockFolder } from '@roikit/training/node';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The folder a command writes to: `out` where given, else `runs/<task>/<name>`, with -2, -3 … behind it where that
 * exists, so that no run overwrites another.
 */
export function runFolder({ out, task, name }: { out?: string; task: string; name: string }): string {
  if (out !== undefined) return out;
  const base = join('runs', task, name);
  if (!existsSync(base)) return base;
  for (let number = 2; ; number++) {
    const numbered = `${base}-${number}`;
    if (!existsSync(numbered)) return numbered;
  }
}

/** Keeps a folder for this process while `work` goes on; one that is new and stays empty goes again. */
export async function inFolder<T>(out: string, work: () => Promise<T>): Promise<T> {
  const isNew = !existsSync(out);
  const lock = await lockFolder(out);
  try {
    await clearLeftovers(out);
    return await work();
  } finally {
    await lock.release();
    if (isNew) await rmdir(out).catch(() => {}); // fails, as it should, where there is something in it
  }
}
