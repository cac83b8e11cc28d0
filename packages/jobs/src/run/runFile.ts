import type { RunInfo, ShardJob, Storage } from '../types';
import { FAILED, PARTS, RUN, shardOf } from './names';

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
  const run = parse(Buffer.from(data).toString());
  if (run === undefined) throw new Error(`${path}: no description of a run; start one on another folder`);
  if (run.version !== 1)
    throw new Error(`${path}: version ${String(run.version)}, this roikit knows 1; update it`);
  return run;
}

function parse(text: string): RunInfo | undefined {
  try {
    const run = JSON.parse(text) as Partial<RunInfo> | null;
    return typeof run?.manifest === 'string' && typeof run.shards === 'number' ? (run as RunInfo) : undefined;
  } catch {
    return undefined;
  }
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
  const done = await shardsIn(storage, PARTS);
  const failed = await shardsIn(storage, FAILED);
  for (const shard of done) failed.delete(shard);
  const missing: number[] = [];
  for (let shard = 0; shard < shards; shard++)
    if (!done.has(shard) && !failed.has(shard)) missing.push(shard);
  return { done, failed, missing };
}

async function shardsIn(storage: Storage, folder: string): Promise<Set<number>> {
  const found = new Set<number>();
  for await (const { name } of storage.list(folder)) {
    const shard = shardOf(name);
    if (shard !== undefined) found.add(shard);
  }
  return found;
}
