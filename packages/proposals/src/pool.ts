import { Piscina } from 'piscina';
import { checkWorkers, poolOver, type SelectiveSearchPool } from './poolOver';

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
export function selectiveSearchPool({ workers }: { workers: number }): SelectiveSearchPool {
  checkWorkers(workers);
  const pool = new Piscina({ ...workerOptions(), name: 'run', minThreads: workers, maxThreads: workers });
  return poolOver({ workers, run: (task) => pool.run(task), close: () => end(pool) });
}
