import { createHash, randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { makeFolder } from './makeFolder';

export interface FolderLock {
  /** Lets others have the folder. */
  release(): Promise<void>;
}

interface Holder {
  pid: number;
  host: string;
  /** Tells a lock from an earlier one of a process that had the same id. */
  id: string;
}

const FILE = '.lock';

/** Locks that this process holds, or is about to. */
const held = new Set<string>();

/**
 * Keeps a run's folder for this process: two runs that write one folder spoil both. A lock whose process is gone is taken
 * over at once, by one of those that try.
 *
 * By process id, not by a lease that is renewed: a step on a slow machine can block the event loop longer than any lease.
 *
 * @throws Error that names the folder where another process is at work in it
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  await makeFolder(folder);
  const path = join(folder, FILE);
  const mine: Holder = { pid: process.pid, host: hostname(), id: randomUUID() };
  held.add(mine.id);
  await take(path, mine).catch((error: unknown) => {
    held.delete(mine.id);
    throw error;
  });
  return {
    release: async () => {
      await rm(path, { force: true });
      held.delete(mine.id);
    },
  };
}

/** Makes `path` a lock of `mine`. It appears whole, so that nobody takes one that is being written for a damaged one. */
async function take(path: string, mine: Holder): Promise<void> {
  const own = `${path}.${mine.id}.tmp`;
  await writeFile(own, JSON.stringify(mine));
  try {
    while (!(await appears(path, own, mine)) && !(await replacesDead(path, own, mine)));
  } finally {
    await rm(own, { force: true });
  }
}

/** Whether there was no lock, and now is `own`. */
async function appears(path: string, own: string, mine: Holder): Promise<boolean> {
  // Some disks (FAT) have no links; what else is wrong, the second way says.
  const make = link(own, path).catch(() => writeFile(path, JSON.stringify(mine), { flag: 'wx' }));
  return make.then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
      return false;
    },
  );
}

/**
 * Whether a dead process's lock was there, and now is `own`; false where it has changed meanwhile. Who replaces a lock
 * holds a second one, named by the first's text: that text is then nobody else's to replace, so that it can't become a
 * living one between a look at it and its end.
 */
async function replacesDead(path: string, own: string, mine: Holder): Promise<boolean> {
  const before = await readText(path);
  if (before === undefined) return false;
  const holder = parseHolder(before);
  if (holder !== undefined && isAtWork(holder)) throw busy(path, holder);
  const guard = `${path}.${createHash('sha256').update(before).digest('hex').slice(0, 16)}`;
  await take(guard, mine);
  try {
    if ((await readText(path)) !== before) return false;
    await rename(own, path);
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

function busy(path: string, { pid, host }: Holder): Error {
  const who = host === hostname() ? `process ${pid}` : `process ${pid} on ${host}`;
  const cure = `wait for it, choose another folder, or delete ${path} if that process is no run`;
  return new Error(`${dirname(path)}: another run is writing to this folder (${who}); ${cure}`);
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** Undefined where the lock is damaged. */
function parseHolder(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Partial<Holder>;
    return typeof holder.pid === 'number' && typeof holder.host === 'string' ? (holder as Holder) : undefined;
  } catch {
    return undefined;
  }
}

/** Another machine's processes can't be seen, so they count as at work. */
function isAtWork({ pid, host, id }: Holder): boolean {
  if (host !== hostname()) return true;
  // A container that is started again has its processes' ids again: the lock is of the one that was killed.
  if (pid === process.pid) return held.has(id);
  try {
    process.kill(pid, 0); // asks only whether it is there
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
