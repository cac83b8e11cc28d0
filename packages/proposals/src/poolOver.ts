import type { RgbImage } from '@roikit/image';
import { byColorSpace } from './runStrategies';
import { planSearch, type SearchPlan, type SelectiveSearchOptions } from './selectiveSearch';
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

/** What a thread is asked: the boxes of each strategy. */
export interface SearchTask {
  image: RgbImage;
  strategies: readonly Strategy[];
}

/** Threads of any kind: tasks in, boxes out. */
export interface SearchThreads {
  workers: number;
  run(task: SearchTask): Promise<Int32Array[]>;
  close(): Promise<void>;
}

/** RangeError for what is no number of threads. */
export function checkWorkers(workers: number): void {
  if (!Number.isInteger(workers) || workers < 1)
    throw new RangeError(`selectiveSearchPool: workers must be a positive integer, got ${workers}`);
}

/** Selective search over threads. */
export function poolOver({ workers, run: runTask, close }: SearchThreads): SelectiveSearchPool {
  const run = ({ image: { data, width, height } }: SearchPlan, strategies: readonly Strategy[]) =>
    runTask({ image: { data, width, height }, strategies });
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
    close,
  };
}
