import { mulberry32 } from '@roikit/geometry';
import { Piscina } from 'piscina';
import { afterAll, expect, test, vi } from 'vitest';
import { selectiveSearch } from '../src/index';
import { selectiveSearchPool } from '../src/node';
import { noise } from './images';

const pool = selectiveSearchPool({ workers: 2 });
afterAll(() => pool.close());

test('one image over the threads: the boxes and scores of the plain call', async () => {
  const image = noise(60, 40, 1);
  expect(await pool.selectiveSearch(image, { mode: 'fast' })).toEqual(
    selectiveSearch(image, { mode: 'fast' }),
  );
});

test('many images: in order, each like the plain call, random drawn from in order', async () => {
  const images = Array.from({ length: 9 }, (_, i) => noise(30 + i, 20, i));
  const found = [];
  for await (const proposals of pool.selectiveSearchAll(images, { mode: 'single', random: mulberry32(5) }))
    found.push(proposals);
  const random = mulberry32(5);
  expect(found).toEqual(images.map((image) => selectiveSearch(image, { mode: 'single', random })));
});

test('an image is asked for only when a thread will soon be free', async () => {
  let asked = 0;
  function* images() {
    for (; asked < 40; asked++) yield noise(12, 9, asked);
  }
  const all = pool.selectiveSearchAll(images(), { mode: 'single' });
  await all.next();
  expect(asked).toBe(4); // two a thread wait, the fifth was just given
  await all.next();
  expect(asked).toBe(5);
  await all.return(undefined);
});

test('a bad image is an error where its turn comes, and the pool goes on', async () => {
  const bad = { data: new Uint8Array(10), width: 3, height: 2 };
  const images = [noise(20, 20, 1), bad];
  const all = pool.selectiveSearchAll(images);
  await expect(
    (async () => {
      for await (const _ of all);
    })(),
  ).rejects.toThrow(/selectiveSearchAll: data of a 3×2 image/);
  expect((await pool.selectiveSearch(noise(20, 20, 2))).scores.length).toBeGreaterThan(0);
});

test('workers must be a positive integer', () => {
  expect(() => selectiveSearchPool({ workers: 0 })).toThrow(/workers must be a positive integer, got 0/);
  expect(() => selectiveSearchPool({ workers: 1.5 })).toThrow(/got 1.5/);
});

test('an answer that arrives as the threads end is nobody’s', async () => {
  const destroy = vi.spyOn(Piscina.prototype, 'destroy').mockImplementation(function (this: Piscina) {
    destroy.mockRestore();
    this.emit('error', new Error('Unexpected message from Worker')); // as piscina says it, in one of twenty ends at work
    return this.destroy();
  });
  await expect(selectiveSearchPool({ workers: 1 }).close()).resolves.toBeUndefined();
});

test('a pool that is closed searches no more', async () => {
  const closed = selectiveSearchPool({ workers: 1 });
  await closed.close();
  await expect(closed.selectiveSearch(noise(12, 9, 1))).rejects.toThrow('the pool is closed');
  await expect(closed.selectiveSearchAll([noise(12, 9, 1)]).next()).rejects.toThrow('the pool is closed');
});
