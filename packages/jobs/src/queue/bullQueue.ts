import {
  Queue,
  WaitingError,
  Worker,
  type BackendFactory,
  type IQueueBackend,
  type QueueOptions,
  type WorkerOptions,
} from 'bullmq';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ShardJob, ShardOutcome, ShardQueue, WorkOptions } from '../types';

/** What BullMQ needs to reach its server. */
export interface BullConnection<C> {
  /** For people. */
  address: string;
  warnings: string[];
  connection: C;
  backend: BackendFactory<IQueueBackend, C>;
  close(): Promise<void>;
}

export interface BullQueueOptions {
  name: string;
  /** Milliseconds after which a shard whose worker says nothing goes to another. */
  lock: number;
}

/** Jobs that are sent at once: some 200 kB. */
const BATCH = 1000;
/** Events of BullMQ's own are kept in a stream; nobody reads ours. */
const EVENTS_KEPT = 100;
/** How often a lost shard returns is counted on disk, where a lost queue doesn't forget it. */
const STALLED_ANY = 1_000_000;
/** A server that is away must not keep a worker from ending: its shards return when their lock is over. */
const CLOSE_MS = 10_000;
/** Once it didn't answer. */
const FORCED_CLOSE_MS = 1000;

/** Shards on BullMQ; jobs that are done leave nothing in the queue. */
export function bullQueue<C>(server: BullConnection<C>, { name, lock }: BullQueueOptions): ShardQueue {
  const { address, warnings, connection, backend } = server;
  const options: QueueOptions<C> = { connection, streams: { events: { maxLen: EVENTS_KEPT } } };
  const queue = new Queue<ShardJob, void, string, ShardJob, void, string, IQueueBackend, C>(
    name,
    options,
    backend,
  );
  queue.on('error', () => {}); // the worker tells; other calls fail by themselves
  return {
    address,
    warnings,
    add: async (jobs) => {
      for (let from = 0; from < jobs.length; from += BATCH)
        await queue.addBulk(jobs.slice(from, from + BATCH).map(toBull));
    },
    counts: async () => {
      const { active = 0, ...waiting } = await queue.getJobCounts('active', 'wait', 'delayed', 'prioritized');
      return { active, waiting: Object.values(waiting).reduce((sum, count) => sum + count, 0) };
    },
    clear: () => queue.drain(true),
    work: async (handle, work) => {
      const worker = bullWorker(handle, { name, lock, connection, backend, work });
      await aborted(work.signal);
      await closed(worker);
    },
    close: async () => {
      await within(FORCED_CLOSE_MS, queue.close());
      await within(FORCED_CLOSE_MS, server.close());
    },
  };
}

/** BullMQ refuses ids that are all digits or have a colon. Nothing is kept of what is over. */
function toBull(data: ShardJob) {
  return {
    name: 'shard',
    data,
    opts: { jobId: `shard-${data.offset}`, removeOnComplete: true, removeOnFail: true },
  };
}

function bullWorker<C>(
  handle: (job: ShardJob) => Promise<ShardOutcome>,
  {
    name,
    lock,
    connection,
    backend,
    work: { slots, onTrouble },
  }: BullQueueOptions & {
    connection: C;
    backend: BackendFactory<IQueueBackend, C>;
    work: WorkOptions;
  },
) {
  const options: WorkerOptions<C> = {
    connection,
    concurrency: slots,
    lockDuration: lock,
    stalledInterval: lock,
    maxStalledCount: STALLED_ANY,
  };
  const worker = new Worker<ShardJob, void, string, IQueueBackend, never, C>(
    name,
    async (job, token) => {
      if ((await handle(job.data)) === 'done') return;
      await job.moveToWait(token);
      throw new WaitingError(); // says that it was moved
    },
    options,
    backend,
  );
  worker.on('error', (error) => onTrouble(error.message || String(error)));
  return worker;
}

/** Waits for shards in hand to go back, but not for a server that is away: a close that waits can't be hurried later. */
async function closed(worker: {
  pause(): Promise<void>;
  close(force: boolean): Promise<void>;
}): Promise<void> {
  const isIdle = await within(CLOSE_MS, worker.pause());
  await within(FORCED_CLOSE_MS, worker.close(!isIdle));
}

/** Whether `work` ended in time; its errors are those of a server that is away, and nobody can do anything about them. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const late = sleep(milliseconds, false, { signal: timer.signal }).catch(() => false);
  const done = work.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([done, late]);
  } finally {
    timer.abort();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
