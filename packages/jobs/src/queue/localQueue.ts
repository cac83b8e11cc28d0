import { setTimeout as sleep } from 'node:timers/promises';
import type { ShardJob, ShardQueue, WorkOptions } from '../types';

/** A queue in this process, for one machine: no server, and no memory of its own, which needs none. */
export function localQueue(): ShardQueue {
  const waiting = new Map<number, ShardJob>();
  const active = new Set<number>();
  return {
    address: 'local',
    warnings: [],
    add: async (jobs) => {
      for (const job of jobs) if (!active.has(job.offset)) waiting.set(job.offset, job);
    },
    counts: async () => ({ waiting: waiting.size, active: active.size }),
    clear: async () => waiting.clear(),
    close: async () => {},
    work: async (handle, { slots, signal }: WorkOptions) => {
      const consume = async (): Promise<void> => {
        while (!signal.aborted) {
          const [next] = waiting.values();
          if (next === undefined) {
            await sleep(IDLE_MS);
            continue;
          }
          waiting.delete(next.offset);
          active.add(next.offset);
          const outcome = await handle(next);
          active.delete(next.offset);
          if (outcome === 'given back') waiting.set(next.offset, next);
        }
      };
      await Promise.all(Array.from({ length: slots }, consume));
    },
  };
}

/** Nobody waits for the next shard so long that it could be felt. */
const IDLE_MS = 50;
