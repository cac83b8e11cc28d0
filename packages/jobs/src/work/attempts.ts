import type { Attempt, FailedShard, RunInfo, Storage } from '../types';
import { attemptsName, failedName } from '../run/names';
import { parseJson } from '../run/parseJson';
import { shardJob } from '../run/runFile';

/**
 * A shard that was begun so often, and never ended, is set aside: it may be what kills the workers. On disk, not in the
 * queue, which may be lost.
 */
export const MOST_ATTEMPTS = 3;

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value)}\n`);

/** Starts of a shard that ended neither in its part nor in its return. */
export async function readAttempts(storage: Storage, shard: number): Promise<Attempt[]> {
  return (await readJson<Attempt[]>(storage, attemptsName(shard))) ?? [];
}

export async function writeAttempts(
  storage: Storage,
  shard: number,
  attempts: readonly Attempt[],
): Promise<void> {
  const name = attemptsName(shard);
  if (attempts.length === 0) await storage.remove(name);
  else await storage.write(name, encode(attempts));
}

export async function setAside(
  storage: Storage,
  { run, shard, attempts }: { run: RunInfo; shard: number; attempts: Attempt[] },
): Promise<FailedShard> {
  const { offset, count } = shardJob(run, shard);
  const failed = { shard, offset, count, attempts };
  await storage.write(failedName(shard), encode(failed));
  await storage.remove(attemptsName(shard));
  return failed;
}

export async function readFailed(storage: Storage, shard: number): Promise<FailedShard | undefined> {
  return readJson<FailedShard>(storage, failedName(shard));
}

/** Makes a shard that was set aside one that is to be done again. */
export async function forgive(storage: Storage, shard: number): Promise<void> {
  await storage.remove(attemptsName(shard));
  await storage.remove(failedName(shard));
}

/** @throws Error that names the file where it is damaged */
async function readJson<Value>(storage: Storage, name: string): Promise<Value | undefined> {
  const data = await storage.read(name);
  if (data === undefined) return undefined;
  const value = parseJson<Value>(data);
  if (value !== undefined) return value;
  throw new Error(
    `${storage.location}/${name}: the file is damaged; delete it, and go on with 'roikit jobs start' and 'roikit jobs work'`,
  );
}
