import { readFailed } from '../work/attempts';
import type { FailedShard, RunInfo, Storage } from '../types';
import { PARTS, shardOf } from './names';
import { readState, shardJob } from './runFile';

/** How far a run is, by what is on disk. */
export interface RunStatus {
  shards: { all: number; done: number; missing: number };
  pictures: { all: number; done: number };
  /** Set aside, and why. */
  failed: FailedShard[];
  /** Pictures a second in the last minutes; undefined where nothing was done. */
  rate?: number;
  /** Seconds to go at that rate. */
  eta?: number;
}

/** Parts of the last ten minutes make the rate: machines come and go. */
const WINDOW_MS = 600_000;

/** How far a run is, from the parts in its folder; no queue is asked. */
export async function readStatus(
  storage: Storage,
  run: RunInfo,
  { now = new Date() }: { now?: Date } = {},
): Promise<RunStatus> {
  const { done, failed, missing } = await readState(storage, run);
  const picturesDone = [...done].reduce((sum, shard) => sum + shardJob(run, shard).count, 0);
  const rate = await recentRate(storage, run, now);
  const left = missing.reduce((sum, shard) => sum + shardJob(run, shard).count, 0);
  const reasons = await Promise.all([...failed].sort((a, b) => a - b).map((s) => readFailed(storage, s)));
  return {
    shards: { all: run.shards, done: done.size, missing: missing.length },
    pictures: { all: run.pictures, done: picturesDone },
    failed: reasons.filter((reason) => reason !== undefined),
    ...(rate !== undefined && { rate, eta: left / rate }),
  };
}

/** From the first part of the last minutes to the last of them. */
async function recentRate(storage: Storage, run: RunInfo, now: Date): Promise<number | undefined> {
  let pictures = 0;
  let first = { time: Infinity, pictures: 0 };
  let last = -Infinity;
  for await (const { name, modified } of storage.list(PARTS)) {
    const shard = shardOf(name);
    if (shard === undefined || shard >= run.shards) continue;
    const time = (await modified()).getTime();
    if (time < now.getTime() - WINDOW_MS) continue;
    const { count } = shardJob(run, shard);
    pictures += count;
    if (time < first.time) first = { time, pictures: count };
    last = Math.max(last, time);
  }
  return last > first.time ? (pictures - first.pictures) / ((last - first.time) / 1000) : undefined;
}
