import type { Attempt, FailedShard, RunInfo, Storage } from '../types';
import { attemptsName, failedName } from '../run/names';
import { shardJob } from '../run/runFile';

/**
 * A shard that was begun so often, and never ended, is set aside: it may be what kills the workers. On disk, not in the
 * queue, which may be lost.
 */
export const MOST_ATTEMPTS = 3;

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value)}\n`);

/** Starts of a shard that ended neither in its part nor in its return. */
export async function readAttempts(storage: Storage, shard: number): Promise<Attempt[]> {
  const data = await storage.read(attemptsName(shard));
  return data === undefined ? [] : (JSON.parse(Buffer.from(data).toString()) as Attempt[]);
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
  const data = await storage.read(failedName(shard));
  return data === undefined ? undefined : (JSON.parse(Buffer.from(data).toString()) as FailedShard);
}

/** Makes a shard that was set aside one that is to be done again. */
export async function forgive(storage: Storage, shard: number): Promise<void> {
  await storage.remove(attemptsName(shard));
  await storage.remove(failedName(shard));
}
