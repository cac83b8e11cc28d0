import { selectiveSearchPool } from '../src/browser';
import { noise } from './images';

/** What a page does with the pool: one picture over the threads, several in order, and what comes after `close`. */
Object.assign(globalThis, {
  async search(script: string) {
    const url = URL.createObjectURL(new Blob([script]));
    const pool = selectiveSearchPool({ workers: 2, worker: () => new Worker(url) });
    const one = await pool.selectiveSearch(noise(60, 40, 2));
    const many = [];
    const images = [3, 4, 5, 6, 7].map((seed) => noise(20 + seed, 20, seed));
    for await (const { boxes } of pool.selectiveSearchAll(images, { mode: 'single' })) many.push([...boxes]);
    const late = pool.selectiveSearch(noise(60, 40, 2)).catch((error: Error) => error.message);
    await pool.close();
    const broken = selectiveSearchPool({
      workers: 1,
      worker: () => new Worker(URL.createObjectURL(new Blob(['{']))),
    });
    const failed = await broken.selectiveSearch(noise(9, 9, 1)).catch((error: Error) => error.message);
    return { one: [...one.boxes], many, late: await late, failed };
  },
});
