import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digits } from '@roikit/datasets';
import { detectorPool, type DetectorPool } from '@roikit/detectors/node';
import { boxIou, mulberry32 } from '@roikit/geometry';
import { toSharp } from '@roikit/image/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
// @ts-expect-error JavaScript, as readers copy it
import { buildApp } from './app.js';

interface Answer {
  width: number;
  objects: { class: string; score: number; box: number[] }[];
  error: string;
}

const bundled = new URL('../../packages/pretrained/models/digits/', import.meta.url);
const scenes = digits({ count: 3, split: 'test', random: mulberry32(2) });
let pool: DetectorPool;
beforeAll(async () => {
  pool = await detectorPool({
    folder: dirname(fileURLToPath(new URL('detector.json', bundled))),
    workers: 1,
  });
}, 240_000);
afterAll(() => pool.dispose());

const png = async (i: number) =>
  toSharp((await scenes.get(i)).image)
    .png()
    .toBuffer();

async function post(payload: Uint8Array | string, options: object = {}, type = 'image/png', query = '') {
  const app = buildApp(pool, options);
  const headers = { 'content-type': type };
  const response = await app.inject({ method: 'POST', url: `/detect${query}`, headers, payload });
  return { code: response.statusCode as number, ...(response.json() as Answer) };
}

test('finds the digits of scenes, those sent at once too', async () => {
  const answers = await Promise.all([0, 1, 2].map(async (i) => post(await png(i))));
  for (const [i, { code, width, objects }] of answers.entries()) {
    const { image, truth } = await scenes.get(i);
    expect([code, width]).toEqual([200, image.width]);
    const names = Array.from(truth.labels, (label) => scenes.classes[label - 1]);
    const ious = boxIou(truth.boxes, Float32Array.from(objects.flatMap(({ box }) => box)));
    const right = names.filter((name, t) =>
      objects.some((object, o) => object.class === name && ious[t * objects.length + o]! > 0.5),
    );
    expect(right.length).toBeGreaterThanOrEqual(names.length - 1);
  }
});

test('score and max are the query’s; others are refused', async () => {
  expect((await post(await png(0), {}, 'image/png', '?score=0.01&max=2')).objects).toHaveLength(2);
  expect((await post(await png(0), {}, 'image/png', '?score=2')).code).toBe(400);
});

test('refuses what is too large, before and after decoding, and what is no picture', async () => {
  const picture = await png(0);
  expect((await post(picture, { maxBytes: picture.length - 1 })).code).toBe(413);
  expect(await post(picture, { maxPixels: 1000 })).toMatchObject({
    code: 400,
    error: expect.stringMatching(/pixels/),
  });
  expect((await post('no picture')).code).toBe(400);
  expect((await post('{}', {}, 'application/json')).code).toBe(415);
});

test('sends pictures away while too many wait, and says when it has room again', async () => {
  const app = buildApp(pool, { maxWaiting: 1 });
  const request = { method: 'POST', url: '/detect', headers: { 'content-type': 'image/png' } };
  const payload = await png(0);
  const codes = await Promise.all(
    [1, 2].map(async () => (await app.inject({ ...request, payload })).statusCode),
  );
  expect(codes.toSorted()).toEqual([200, 503]);
  expect((await app.inject({ ...request, payload })).statusCode).toBe(200);
  expect((await app.inject('/health')).json()).toEqual({ classes: scenes.classes, inHouse: 0 });
});
