import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { flipImage, resizePillow, toRgb, warpCrop, warpImage } from '../src';
import { readFrames, readImage, readImageHeader, readImageSize, writeImage } from '../src/node';

// Plain JavaScript has no compiler to say so.
const wrong = (value: unknown) => value as never;
const image = { data: new Uint8Array(18).map((_, i) => 13 * i), width: 3, height: 2 };
const folder = mkdtempSync(join(tmpdir(), 'roikit-image-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what is no choice, and no image, is an error that names the function', () => {
  test.each<[string, () => unknown]>([
    ['resizePillow: interpolation must be one of box, bilinear, hamming, bicubic, lanczos, got nearest', () => resizePillow(image, { width: 1, height: 1, interpolation: wrong('nearest') })], // prettier-ignore
    ['flipImage: axis must be one of horizontal, vertical, got x', () => flipImage(image, { axis: wrong('x') })], // prettier-ignore
    ['warpCrop: mode must be one of warp, square, got tightest', () => warpCrop(image, Float32Array.of(0, 0, 1, 1), { size: 40, fill: [0, 0, 0], mode: wrong('tightest') })], // prettier-ignore
    ['warpImage: window must be four finite numbers, x1 y1 x2 y2, got undefined', () => warpImage(image, wrong({ width: 2, height: 5 }))], // prettier-ignore
    ['warpImage: window must be four finite numbers, x1 y1 x2 y2, got [0,0,null,1]', () => warpImage(image, { window: [0, 0, NaN, 1], width: 2, height: 5 })], // prettier-ignore
    ["resizePillow: image must be { data, width, height }, got the text 'a.jpg'; readImage gives one", () => resizePillow(wrong('a.jpg'), { width: 2, height: 5 })], // prettier-ignore
    ['toRgb: image must be { data, width, height }, got undefined', () => toRgb(wrong(undefined))],
    ['resizePillow: data must be bytes, a Uint8Array or Uint8ClampedArray, got Float32Array', () => resizePillow({ ...image, data: wrong(new Float32Array(18)) }, { width: 2, height: 5 })], // prettier-ignore
  ])('%s', (message, call) => expect(call).toThrow(message));
});

describe('a picture file', () => {
  const file = join(folder, 'ä b.png');

  test('is a path, its URL as an object and as text, its bytes or their ArrayBuffer', async () => {
    await writeImage(file, image);
    const url = pathToFileURL(file);
    const { buffer } = new Uint8Array(readFileSync(file));
    for (const source of [file, url, url.href, readFileSync(file), buffer]) {
      expect(await readImage(source)).toEqual(image);
      expect(await readImageSize(source)).toEqual({ width: 3, height: 2 });
      for await (const frame of readFrames(source)) expect(frame.image).toEqual(image);
    }
  });

  test.each([
    [undefined, 'readImage: source must be a path, a file URL or the bytes of a file, got Undefined'],
    [{}, 'got Object'],
    ['https://roikit.invalid/a.jpg', 'https://roikit.invalid/a.jpg: it is an address, not a file; fetch it'],
    [new URL('https://roikit.invalid/a.jpg'), 'https://roikit.invalid/a.jpg: it is an address, not a file'],
  ])('%s is none', async (source, message) => {
    await expect(readImage(wrong(source))).rejects.toThrow(message);
  });

  test('limits are numbers', async () => {
    await expect(readImage(file, { maxPixels: wrong('lots') })).rejects.toThrow(
      'readImage: maxPixels must be a positive number, got lots',
    );
    await expect(readImageHeader(file, { maxPixels: NaN })).rejects.toThrow(
      'readImageHeader: maxPixels must be a positive number, got NaN',
    );
  });

  test.each(['a.bmp', 'a', 'a.heic'])(
    '%s is not written, and the message has the endings that are',
    async (name) => {
      await expect(writeImage(join(folder, name), image)).rejects.toThrow(
        /: pictures are not written with the ending '.*'; take one of \.jpg .*\.png/,
      );
    },
  );

  test.each(['jpeg', 'JPG', 'tif', 'gif', 'avif', 'webp'])('.%s is written and read', async (ending) => {
    const path = join(folder, `b.${ending}`);
    await writeImage(path, image);
    expect(await readImageSize(path)).toEqual({ width: 3, height: 2 });
  });
});
