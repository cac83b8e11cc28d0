import { EventEmitter, on } from 'node:events';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { partName } from '../run/names';
import { readState, shardJob } from '../run/runFile';
import type { Attempt, RunInfo, ShardJob, ShardOutcome, ShardQueue, Storage } from '../types';
import { MOST_ATTEMPTS, readAttempts, setAside, writeAttempts } from './attempts';
import { startSlots, type Slots } from './slots';
import { ChildDied, type ChildOptions } from './slot';

export type WorkEvent =
  | { type: 'ready'; slots: number; detail: string }
  | { type: 'done'; shard: number; pictures: number; failed: number; milliseconds: number }
  /** A child ended at work; the shard goes back to the queue. */
  | { type: 'died'; shard: number; reason: string; image?: string }
  | { type: 'set aside'; shard: number; attempts: Attempt[] }
  /** Shards that were in no queue, though nobody had done them. */
  | { type: 'enqueued'; shards: number }
  /** The queue can't be reached; it is tried again. */
  | { type: 'trouble'; message: string }
  | { type: 'end'; reason: 'all done' | 'stopped' };

export interface WorkRunOptions {
  storage: Storage;
  run: RunInfo;
  queue: ShardQueue;
  child: ChildOptions;
  /** Shards at a time, each in a process of its own. @default what the first of them says the machine has room for */
  slots?: number;
  /** Ends the work: shards in hand go back to the queue. */
  signal?: AbortSignal;
  /** Milliseconds without a finished picture after which a child is ended. @default 600000 ten minutes */
  patience?: number;
}

/**
 * Works on a run until all of its shards are done or set aside, or `signal` is aborted. Shards that a queue has lost are
 * put into it again.
 *
 * @throws Error where no child can work (its own message), or the storage can't be read or written
 */
export async function* work(options: WorkRunOptions): AsyncGenerator<WorkEvent> {
  const { child, patience = 600_000 } = options;
  const slots = await startSlots(child, { count: options.slots, run: options.run, patience });
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const events = new EventEmitter();
  const emit = (event: WorkEvent): void => void events.emit('event', event);
  const stream = on(events, 'event', { close: ['end'] });
  const finished = workAll({ ...options, slots, signal, stop, emit }).finally(() => events.emit('end'));
  finished.catch(() => {}); // thrown below
  try {
    yield { type: 'ready', slots: slots.count, detail: slots.detail };
    for await (const [event] of stream) yield event as WorkEvent;
    yield { type: 'end', reason: await finished };
  } finally {
    stop.abort();
    slots.stop();
    await finished.catch(() => {});
  }
}

interface Context extends WorkRunOptions {
  processes: Slots;
  signal: AbortSignal;
  emit: (event: WorkEvent) => void;
}

async function workAll({
  slots: processes,
  stop,
  signal,
  ...options
}: Omit<WorkRunOptions, 'slots'> & {
  slots: Slots;
  signal: AbortSignal;
  stop: AbortController;
  emit: (event: WorkEvent) => void;
}): Promise<'all done' | 'stopped'> {
  const context: Context = { ...options, processes, signal };
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
    stop.abort();
  };
  let inHand = 0;
  const handle = async (job: ShardJob): Promise<ShardOutcome> => {
    inHand++;
    try {
      return await doShard(context, job);
    } catch (error) {
      fail(error); // this machine's fault, not the shard's
      return 'given back';
    } finally {
      inHand--;
    }
  };
  signal.addEventListener('abort', () => processes.stop(), { once: true });
  let allDone = false;
  const watching = untilAllDone(context, () => inHand > 0).then((done) => {
    allDone = done;
    stop.abort();
  }, fail);
  const onTrouble = (message: string): void => context.emit({ type: 'trouble', message });
  await context.queue.work(handle, { slots: processes.count, signal, onTrouble });
  await watching;
  if (failure !== undefined) throw failure;
  return allDone ? 'all done' : 'stopped';
}

/** One shard, from the queue's hand to its part. */
async function doShard(
  { storage, run, processes, signal, emit }: Context,
  { manifest, offset }: ShardJob,
): Promise<ShardOutcome> {
  const shard = offset / run.shardSize;
  if (signal.aborted) return 'given back';
  if (manifest !== run.manifest || (await storage.exists(partName(shard)))) return 'done';
  const before = await readAttempts(storage, shard);
  const aside = async (attempts: Attempt[]): Promise<'done'> => {
    await setAside(storage, { run, shard, attempts });
    emit({ type: 'set aside', shard, attempts });
    return 'done';
  };
  if (before.length >= MOST_ATTEMPTS) return aside(before);
  const attempt: Attempt = { at: new Date().toISOString(), host: hostname(), pid: process.pid };
  await writeAttempts(storage, shard, [...before, attempt]);
  const started = performance.now();
  try {
    const result = await processes.run(shard);
    await writeAttempts(storage, shard, []);
    emit({ type: 'done', shard, ...result, milliseconds: performance.now() - started });
    return 'done';
  } catch (error) {
    if (signal.aborted || !(error instanceof ChildDied)) {
      await writeAttempts(storage, shard, before);
      if (signal.aborted) return 'given back';
      throw error;
    }
    const { message: reason, image } = error;
    emit({ type: 'died', shard, reason, image });
    const attempts = [...before, { ...attempt, reason, image }];
    if (attempts.length >= MOST_ATTEMPTS) return aside(attempts);
    await writeAttempts(storage, shard, attempts);
    return 'given back';
  }
}

/** How long a worker without work waits before it looks at the disk, at first and at most. */
const FIRST_LOOK_MS = 1000;
const LAST_LOOK_MS = 30_000;

/** Looks at the disk while nothing is in hand: whether all is done, and whether the queue has lost something. */
async function untilAllDone(
  { storage, run, queue, signal, emit }: Context,
  isBusy: () => boolean,
): Promise<boolean> {
  let wait = FIRST_LOOK_MS;
  while (await slept(wait, signal)) {
    wait = isBusy() ? FIRST_LOOK_MS : Math.min(2 * wait, LAST_LOOK_MS);
    if (isBusy()) continue;
    const { missing } = await readState(storage, run);
    if (missing.length === 0) {
      await unlessAborted(queue.clear(), signal); // a shard that ended while the queue was filled is in it again
      return true;
    }
    const counts = await unlessAborted(queue.counts(), signal);
    if (counts === undefined || counts.waiting > 0) continue; // one of them will come
    await unlessAborted(queue.add(missing.map((shard) => shardJob(run, shard))), signal);
    if (missing.length > counts.active) emit({ type: 'enqueued', shards: missing.length - counts.active });
  }
  return false;
}

/** Whether the time went by without an abort. */
async function slept(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return sleep(milliseconds, true, { signal }).catch(() => false);
}

/** What `asked` gives; undefined where the server fails, or where it is away and nobody waits any more. */
async function unlessAborted<T>(asked: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const aborted = new Promise<undefined>((resolve) =>
    signal.addEventListener('abort', () => resolve(undefined), { once: true }),
  );
  return Promise.race([asked.catch(() => undefined), aborted]);
}
