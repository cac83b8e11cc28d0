import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { makeFolder } from './makeFolder';

export interface FolderLock {
  /** Lets others have the folder. */
  release(): Promise<void>;
}

interface Holder {
  pid: number;
  host: string;
}

const FILE = '.lock';

/** Folders that this process keeps. */
const kept = new Set<string>();

/**
 * Keeps a run's folder for this process: two runs that write one folder spoil both. A lock whose process is gone is taken
 * over at once, and what that process left half written (`*.tmp`) is cleared.
 *
 * By process id, not by a lease that is renewed: a step on a slow machine can block the event loop longer than any lease.
 *
 * @throws Error that names the folder where another process is at work in it
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  await makeFolder(folder);
  const path = join(folder, FILE);
  const mine: Holder = { pid: process.pid, host: hostname() };
  const take = () => writeFile(path, JSON.stringify(mine), { flag: 'wx' });
  await take().catch(async (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EEXIST') throw cause;
    const holder = await readHolder(path);
    if (holder !== undefined && isAtWork(holder, path)) throw busy(folder, holder, cause);
    await rm(path, { force: true });
    await take(); // of two that take over at once, one fails here
  });
  kept.add(resolve(path));
  await clearLeftovers(folder);
  return {
    release: async () => {
      kept.delete(resolve(path));
      await rm(path, { force: true });
    },
  };
}

function busy(folder: string, { pid, host }: Holder, cause: unknown): Error {
  const who = host === hostname() ? `process ${pid}` : `process ${pid} on ${host}`;
  const cure = `wait for it, choose another folder, or delete ${join(folder, FILE)} if that process is no run`;
  return new Error(`${folder}: another run is writing to this folder (${who}); ${cure}`, { cause });
}

/** Undefined where the lock was left half written. */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const holder = JSON.parse(await readFile(path, 'utf8')) as Partial<Holder>;
    return typeof holder.pid === 'number' && typeof holder.host === 'string' ? (holder as Holder) : undefined;
  } catch {
    return undefined;
  }
}

/** Another machine's processes can't be seen, so they count as at work. */
function isAtWork({ pid, host }: Holder, path: string): boolean {
  if (host !== hostname()) return true;
  // A container that is started again has its processes' ids again: the lock is of the one that was killed.
  if (pid === process.pid) return kept.has(resolve(path));
  try {
    process.kill(pid, 0); // asks only whether it is there
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function clearLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  await Promise.all(
    names.filter((name) => name.endsWith('.tmp')).map((name) => rm(join(folder, name), { force: true })),
  );
}
