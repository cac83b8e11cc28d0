import type { RgbImage } from '@roikit/image';
import { Piscina } from 'piscina';
import type { Detector, DetectOptions } from '../types';

export interface DetectorPoolOptions {
  /** The detector's folder, as `saveDetector` wrote it. */
  folder: string;
  /**
   * What each worker computes with; one of the engines that use one thread.
   * @default 'wasm' the fastest of them
   */
  engine?: 'wasm' | 'cpu';
  /** Threads, and so images at a time. Each holds a copy of the weights. */
  workers: number;
}

/** What a worker is given. */
export interface DetectTask {
  image: RgbImage;
  options: DetectOptions;
}

/** A detector that works on several images at a time. Call `dispose` when done. */
export interface DetectorPool extends Detector {
  workers: number;
  /** Ends the threads, also those at work. */
  dispose(): Promise<void>;
}

/**
 * A saved detector on worker threads: `detectAll` and `evaluate` then use them all, with the results of one. This thread
 * needs no engine.
 *
 * @throws RangeError when `workers` is not a positive integer or the engine uses the cores by itself
 */
export async function detectorPool({
  folder,
  engine = 'wasm',
  workers,
}: DetectorPoolOptions): Promise<DetectorPool> {
  if (!Number.isInteger(workers) || workers < 1)
    throw new RangeError(`detectorPool: workers must be a positive integer, got ${workers}`);
  if (engine !== 'wasm' && engine !== 'cpu') {
    const cure = 'any other spreads one image over the machine already, so call detect without a pool';
    throw new RangeError(`detectorPool: engine must be wasm or cpu, got ${String(engine)}; ${cure}`);
  }
  const workerData: DetectorPoolOptions = { folder, engine, workers };
  const threads = { minThreads: workers, maxThreads: workers };
  const pool = new Piscina({ ...workerOptions(), ...threads, name: 'detect', workerData });
  try {
    const about = (await pool.run(undefined, { name: 'about' })) as Pick<Detector, 'config' | 'scores'>;
    return {
      ...about,
      workers,
      detect: (image, options = {}) => pool.run(taskOf(image, options)),
      detectWithProposals: (image, options = {}) =>
        pool.run(taskOf(image, options), { name: 'detectWithProposals' }),
      dispose: () => end(pool),
    };
  } catch (error) {
    await end(pool);
    throw error;
  }
}

/** Ends the threads. What one still answers belongs to no task any more, and piscina makes an uncaught error of it. */
function end(pool: Piscina): Promise<void> {
  pool.on('error', () => undefined);
  return pool.destroy();
}

/** What a thread is sent: plain data, whatever else the image carries. */
function taskOf({ data, width, height }: RgbImage, options: DetectOptions): DetectTask {
  return { image: { data, width, height }, options };
}

/** From source (tests, development) a thread needs the loader that built code does not. */
function workerOptions(): { filename: string; execArgv?: string[] } {
  const source = import.meta.url.endsWith('.ts');
  const filename = new URL(source ? './detectorWorker.ts' : './detectorWorker.js', import.meta.url).href;
  return source ? { filename, execArgv: ['--import', 'tsx', '--conditions=@roikit/source'] } : { filename };
}
