import type { RgbImage } from '@roikit/image';
import { Piscina } from 'piscina';
import { byColorSpace } from './runStrategies';
import type { SearchPlan, SelectiveSearchOptions } from './selectiveSearch';
import { planSearch } from './selectiveSearch';
import type { Proposals, Strategy } from './types';

export interface SelectiveSearchPool {
  /** One image, its colour spaces on different threads: the shortest wait. The same boxes and scores as `selectiveSearch`. */
  selectiveSearch(image: RgbImage, options?: SelectiveSearchOptions): Promise<Proposals>;
  /**
   * Many images, one a thread: the most images a second. Yields in the order of the images, and asks for an image only when a
   * thread will soon be free. `random`, where given, is drawn from in that order too.
   */
  selectiveSearchAll(
    images: Iterable<RgbImage> | AsyncIterable<RgbImage>,
    options?: SelectiveSearchOptions,
  ): AsyncGenerator<Proposals>;
  /** Ends the threads, also those at work. */
  close(): Promise<void>;
}

/** From source (tests, development) a thread needs the loader that built code does not. */
function workerOptions(): { filename: string; execArgv?: string[] } {
  const source = import.meta.url.endsWith('.ts');
  const filename = new URL(source ? './worker.ts' : './worker.js', import.meta.url).href;
  return source ? { filename, execArgv: ['--import', 'tsx', '--conditions=@roikit/source'] } : { filename };
}

/**
 * Selective search over worker threads. Call `close` when done.
 *
 * @throws RangeError when `workers` is not a positive integer
 */
export function selectiveSearchPool({ workers }: { workers: number }): SelectiveSearchPool {
  if (!Number.isInteger(workers) || workers < 1)
    throw new RangeError(`selectiveSearchPool: workers must be a positive integer, got ${workers}`);
  const pool = new Piscina({ ...workerOptions(), name: 'run', minThreads: workers, maxThreads: workers });
  const run = (
    { image: { data, width, height } }: SearchPlan,
    strategies: readonly Strategy[],
  ): Promise<Int32Array[]> => pool.run({ image: { data, width, height }, strategies });
  return {
    async selectiveSearch(image, options) {
      const plan = planSearch('selectiveSearch', image, options);
      const parts = await Promise.all(byColorSpace(plan.strategies).map((some) => run(plan, some)));
      return plan.rank(parts.flat());
    },
    async *selectiveSearchAll(images, options) {
      const waiting: { plan: SearchPlan; runs: Promise<Int32Array[]> }[] = [];
      const next = async () => {
        const { plan, runs } = waiting.shift()!;
        return plan.rank(await runs);
      };
      for await (const image of images) {
        const plan = planSearch('selectiveSearchAll', image, options);
        const runs = run(plan, plan.strategies);
        runs.catch(() => {}); // reported when its turn comes
        waiting.push({ plan, runs });
        if (waiting.length > 2 * workers) yield await next();
      }
      while (waiting.length > 0) yield await next();
    },
    close: () => pool.destroy(),
  };
}
