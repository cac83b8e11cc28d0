import type { ManifestEntry, RunInfo, ShardQueue, Storage } from '../types';
import { summarizeManifest, writeManifest } from './manifest';
import { findRun, readState, shardJob, writeRun } from './runFile';

export interface StartRunOptions {
  storage: Storage;
  /** The pictures, in their order. Asked for once. */
  entries: Iterable<ManifestEntry> | AsyncIterable<ManifestEntry>;
  /** Where relative paths among them begin. */
  root: string;
  /**
   * Pictures of a shard. @default 256: minutes of work, so that the queue costs nothing and a lost worker little; the
   * parts of 10⁸ pictures still fit one folder
   */
  shardSize?: number;
  /** What else the results depend on. */
  settings: Record<string, unknown>;
  /** Puts what the workers need beside the manifest, such as the model. */
  prepare?: () => Promise<void>;
}

/**
 * Describes a run in its storage, or finds that it is the one that lies there already, to go on with.
 *
 * @throws Error that names the folder where another run lies there, and says in what they differ
 */
export async function startRun({
  storage,
  entries,
  root,
  shardSize = 256,
  settings,
  prepare,
}: StartRunOptions): Promise<{ run: RunInfo; resumed: boolean }> {
  if (!Number.isInteger(shardSize) || shardSize < 1)
    throw new RangeError(`startRun: shardSize must be a positive integer, got ${shardSize}`);
  const goOn = (before: RunInfo, hash: string): { run: RunInfo; resumed: boolean } => {
    if (hash !== before.manifest) throw otherPictures(storage);
    return { run: before, resumed: true };
  };
  const before = await findRun(storage);
  if (before !== undefined) {
    refuseOther(storage, before, settings);
    return goOn(before, (await summarizeManifest(entries, { shardSize: before.shardSize })).hash);
  }
  // A long list takes long enough for somebody else to have started a run here, whose files must stay as they are.
  const findQuicker = async (hash: string) => {
    const quicker = await findRun(storage);
    if (quicker === undefined) return undefined;
    refuseOther(storage, quicker, settings);
    return goOn(quicker, hash);
  };
  const {
    hash: manifest,
    pictures,
    shards,
  } = await writeManifest(storage, entries, { shardSize, beforeEnd: findQuicker });
  if (pictures === 0) throw new Error('startRun: no pictures; check the source');
  const quicker = await findQuicker(manifest);
  if (quicker) return quicker;
  await prepare?.();
  const quickest = await findQuicker(manifest);
  if (quickest) return quickest;
  const run: RunInfo = {
    version: 1,
    manifest,
    pictures,
    shards: shards.length,
    shardSize,
    root,
    settings,
  };
  await writeRun(storage, run); // last: where it is, the rest is
  return { run, resumed: false };
}

/** Enqueues all shards that are neither done nor set aside; those in the queue stay as they are. Returns how many. */
export async function enqueueMissing(storage: Storage, run: RunInfo, queue: ShardQueue): Promise<number> {
  const { missing } = await readState(storage, run);
  await queue.add(missing.map((shard) => shardJob(run, shard)));
  return missing.length;
}

function refuseOther(storage: Storage, { settings: before }: RunInfo, now: Record<string, unknown>): void {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const text = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value));
  const differences = names
    .filter((name) => text(before[name]) !== text(now[name]))
    .map((name) => `${name}: ${text(before[name])} there, ${text(now[name])} here`);
  if (differences.length === 0) return;
  const cure = 'give the same to go on with it, or choose another folder';
  throw new Error(`${storage.location}: another run lies there (${differences.join('; ')}); ${cure}`);
}

function otherPictures(storage: Storage): Error {
  const cure = 'give the pictures it was started with to go on with it, or choose another folder';
  return new Error(
    `${storage.location}: the run there is over other pictures, or some have changed; ${cure}`,
  );
}
