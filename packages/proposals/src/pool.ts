import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { checkWorkers, poolOver, type SearchTask, type SelectiveSearchPool } from './poolOver';

export interface PoolOptions {
  /** Threads. @default one less than the machine's cores, as in a page: the caller's own needs one */
  workers?: number;
}

/** From source (tests, development) a thread needs the loader that built code does not. */
function workerOptions(): { filename: string; execArgv?: string[] } {
  const source = import.meta.url.endsWith('.ts');
  const filename = new URL(source ? './worker.ts' : './worker.js', import.meta.url).href;
  return source ? { filename, execArgv: ['--import', 'tsx', '--conditions=@roikit/source'] } : { filename };
}

/** Ends the threads. What one still answers belongs to no task any more, and piscina makes an uncaught error of it. */
function end(pool: Piscina): Promise<void> {
  pool.on('error', () => undefined);
  return pool.destroy();
}

/**
 * Selective search over worker threads. Call `close` when done.
 *
 * @throws RangeError when `workers` is not a positive integer
 */
export function selectiveSearchPool({
  workers = Math.max(1, availableParallelism() - 1),
}: PoolOptions = {}): SelectiveSearchPool {
  checkWorkers(workers);
  const pool = new Piscina({ ...workerOptions(), name: 'run', minThreads: workers, maxThreads: workers });
  let closed = false;
  const run = (task: SearchTask): Promise<Int32Array[]> =>
    closed ? Promise.reject(new Error('selectiveSearchPool: the pool is closed')) : pool.run(task);
  const close = () => {
    closed = true;
    return end(pool);
  };
  return poolOver({ workers, run, close });
}
