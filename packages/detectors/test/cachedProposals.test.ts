import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Boxes } from '@roikit/geometry';
import type { RgbImage } from '@roikit/image';
import { cachedProposals } from '../src/node';
import { useTestEngine } from '../../engine/test/testEngine';
import { gridProposals, noise, scene } from './scenes';

let folder: string;
beforeAll(async () => {
  await useTestEngine();
  folder = await mkdtemp(join(tmpdir(), 'roikit-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('cachedProposals', () => {
  test('searches an image once, and again where image or parameters differ', async () => {
    let calls = 0;
    const source = (image: Parameters<typeof gridProposals>[0]) => {
      calls++;
      return gridProposals(image);
    };
    const cache = (parameters: unknown) =>
      cachedProposals(source, { folder: join(folder, 'cache'), parameters });
    const image = await scene();
    const first = await cache({ mode: 'fast' })(image);
    expect(await cache({ mode: 'fast' })(image)).toEqual(first);
    expect(calls).toBe(1);
    await cache({ mode: 'quality' })(image);
    await cache({ mode: 'fast' })({ ...image, data: image.data.map((value) => value ^ 1) });
    expect(calls).toBe(3);
  });

  const options = (name: string) => ({ folder: join(folder, name), parameters: { mode: 'fast' } });
  const counted = () => {
    const source = (image: RgbImage): Boxes => (source.calls++, gridProposals(image));
    source.calls = 0;
    return source;
  };
  const entry = async (name: string) => join(folder, name, (await readdir(join(folder, name)))[0]!);

  test('eight askers of one picture at once all get its boxes', async () => {
    const image = noise(64, 40);
    const cache = cachedProposals(counted(), options('eight'));
    const all = await Promise.all(Array.from({ length: 8 }, () => cache(image)));
    for (const boxes of all) expect(boxes).toEqual(gridProposals(image));
    expect(await readdir(join(folder, 'eight'))).toHaveLength(1);
  });

  test('entries that are empty, cut short or changed are computed again', async () => {
    const image = noise(64, 40);
    const source = counted();
    const cache = cachedProposals(source, options('damaged'));
    await cache(image);
    const whole = await readFile(await entry('damaged'));
    const changed = Buffer.from(whole);
    changed[40]! ^= 1;
    for (const [i, bytes] of [Buffer.alloc(0), whole.subarray(0, whole.length - 16), changed].entries()) {
      await writeFile(await entry('damaged'), bytes);
      expect(await cache(image)).toEqual(gridProposals(image));
      expect(source.calls).toBe(i + 2);
    }
    await cache(image);
    expect(source.calls).toBe(4);
  });

  test('a cache that can not be written is one warning', async () => {
    await writeFile(join(folder, 'file'), '');
    const said: string[] = [];
    const cache = cachedProposals(counted(), { ...options('file'), warn: (message) => said.push(message) });
    for (const width of [64, 65])
      expect(await cache(noise(width, 40))).toEqual(gridProposals(noise(width, 40)));
    expect(said).toEqual([
      expect.stringMatching(/the cache of proposals is not used: .*file.*can't be written/),
    ]);
  });

  test('the warning is written where nobody else hears it', async () => {
    await writeFile(join(folder, 'another'), '');
    const heard = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await cachedProposals(counted(), options('another'))(noise(64, 40));
    expect(heard.mock.calls).toEqual([[expect.stringMatching(/not used: .*another.*can't be written/)]]);
    heard.mockRestore();
  });

  test('an image of the same pixels in rows of another width is another image', async () => {
    const source = counted();
    const cache = cachedProposals(source, options('turned'));
    const image = noise(64, 40);
    await cache(image);
    expect(await cache({ ...image, width: 40, height: 64 })).toEqual(
      gridProposals({ ...image, width: 40, height: 64 }),
    );
    expect(source.calls).toBe(2);
  });

  test('an entry is the digest of its boxes and the boxes; none of an image are remembered too', async () => {
    let calls = 0;
    const cache = cachedProposals(() => (calls++, new Float32Array(0)), options('none'));
    for (let i = 0; i < 2; i++) expect([...(await cache(noise(64, 40)))]).toEqual([]);
    expect(calls).toBe(1);
    expect((await readFile(await entry('none'))).toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb924', // SHA-256 of nothing, its first half
    );
  });
});
