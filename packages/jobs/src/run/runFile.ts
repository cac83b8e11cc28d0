import type { RunInfo, ShardJob, Storage } from '../types';
import { FAILED, PARTS, RUN, shardOf } from './names';
import { parseJson } from './parseJson';

/**
 * What the run in a folder is.
 *
 * @throws Error that names the folder where there is none, or one of another version
 */
export async function readRun(storage: Storage): Promise<RunInfo> {
  const run = await findRun(storage);
  if (run !== undefined) return run;
  throw new Error(`${storage.location}: no run there (no ${RUN}); start one, or check the folder`);
}

/** As `readRun`; undefined where there is none. */
export async function findRun(storage: Storage): Promise<RunInfo | undefined> {
  const data = await storage.read(RUN);
  if (data === undefined) return undefined;
  const path = `${storage.location}/${RUN}`;
  const run = parseJson<RunInfo>(data);
  if (typeof run?.manifest !== 'string')
    throw new Error(`${path}: no description of a run; start one on another folder`);
  if (run.version !== 1)
    throw new Error(`${path}: version ${String(run.version)}, this roikit knows 1; update it`);
  const wrong = faultOf(run);
  if (wrong !== undefined)
    throw new Error(
      `${path}: changed since the run was started (${wrong}); put it back, or start a run on another folder`,
    );
  return run;
}

function faultOf({ pictures, shards, shardSize, root, settings }: RunInfo): string | undefined {
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value > 0;
  if (!isCount(pictures) || !isCount(shards) || !isCount(shardSize))
    return 'pictures, shards and shardSize are no positive integers';
  if (shards !== Math.ceil(pictures / shardSize))
    return `${pictures} pictures in shards of ${shardSize} are not ${shards} shards`;
  if (typeof root !== 'string') return 'root is no path';
  return typeof settings === 'object' && settings !== null ? undefined : 'it has no settings';
}

export async function writeRun(storage: Storage, run: RunInfo): Promise<void> {
  await storage.write(RUN, new TextEncoder().encode(`${JSON.stringify(run, null, 2)}\n`));
}

/** A shard as the queue carries it. */
export function shardJob({ manifest, shardSize, pictures }: RunInfo, shard: number): ShardJob {
  const offset = shard * shardSize;
  return { manifest, offset, count: Math.min(shardSize, pictures - offset) };
}

/** Shards by what is on disk: the only place where it is written. */
export interface RunState {
  /** Those whose part is there. */
  done: Set<number>;
  /** Those set aside. */
  failed: Set<number>;
  /** All others. */
  missing: number[];
}

export async function readState(storage: Storage, { shards }: RunInfo): Promise<RunState> {
  const done = await shardsIn(storage, PARTS, shards);
  const failed = await shardsIn(storage, FAILED, shards);
  for (const shard of done) failed.delete(shard);
  const missing: number[] = [];
  for (let shard = 0; shard < shards; shard++)
    if (!done.has(shard) && !failed.has(shard)) missing.push(shard);
  return { done, failed, missing };
}

/** Shards that a folder has a file of; other files, such as copies, are nobody's. */
async function shardsIn(storage: Storage, folder: string, shards: number): Promise<Set<number>> {
  const found = new Set<number>();
  for await (const { name } of storage.list(folder)) {
    const shard = shardOf(name);
    if (shard !== undefined && shard < shards) found.add(shard);
  }
  return found;
}
