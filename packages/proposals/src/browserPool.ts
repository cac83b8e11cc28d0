import { wrap, type Remote } from 'comlink';
import { checkWorkers, poolOver, type SearchTask, type SelectiveSearchPool } from './poolOver';

export interface BrowserPoolOptions {
  /** @default one less than the machine's cores: the page needs one */
  workers?: number;
  /**
   * Starts one; for pages whose bundler does not follow `new URL('./webWorker.js', import.meta.url)`, on which Vite, webpack
   * and Parcel agree. @default a worker of this package
   */
  worker?: () => Worker;
}

type Search = (task: SearchTask) => Int32Array[];

const ownWorker = () => new Worker(new URL('./webWorker.js', import.meta.url), { type: 'module' });

/**
 * Selective search over web workers, off the page's own thread. Call `close` when done.
 *
 * @throws RangeError when `workers` is not a positive integer
 */
export function selectiveSearchPool({
  workers = Math.max(1, navigator.hardwareConcurrency - 1),
  worker = ownWorker,
}: BrowserPoolOptions = {}): SelectiveSearchPool {
  checkWorkers(workers);
  const all = Array.from({ length: workers }, () => new SearchWorker(worker()));
  const run = (task: SearchTask) => all.reduce((a, b) => (b.waiting < a.waiting ? b : a)).run(task);
  return poolOver({
    workers,
    run,
    async close() {
      for (const one of all) one.close();
    },
  });
}

/** A worker, and how many tasks it has before it. */
class SearchWorker {
  waiting = 0;
  private readonly worker: Worker;
  private readonly search: Remote<Search>;
  private readonly ended: Promise<never>;
  private end!: (error: Error) => void;

  constructor(worker: Worker) {
    this.worker = worker;
    this.search = wrap<Search>(worker);
    this.ended = new Promise((_, reject) => (this.end = reject));
    this.ended.catch(() => {}); // heard by whoever waits for a task
    worker.addEventListener('error', ({ message }) =>
      this.end(new Error(`selectiveSearchPool: a worker failed: ${message || 'it did not start'}`)),
    );
  }

  async run(task: SearchTask): Promise<Int32Array[]> {
    this.waiting++;
    try {
      return await Promise.race([this.search(task), this.ended]);
    } finally {
      this.waiting--;
    }
  }

  close(): void {
    this.worker.terminate();
    this.end(new Error('selectiveSearchPool: the pool is closed'));
  }
}
