import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { SampleError } from '../src';
import { readImage } from '../src/node';
import { picture, rejection, temporaryFolder } from './fixtures';

const folder = temporaryFolder();

/** 3 × 2 pixels whose colours tell their place: red grows with x, green with y. */
const pattern = Uint8Array.from([0, 0, 9, 100, 0, 9, 200, 0, 9, 0, 100, 9, 100, 100, 9, 200, 100, 9]);
const raw = { raw: { width: 3, height: 2, channels: 3 } } as const;

test('a picture is 3 bytes a pixel, row by row', async () => {
  const image = await readImage(await sharp(pattern, raw).png().toBuffer());
  expect(image).toEqual({ data: pattern, width: 3, height: 2 });
});

test('a path and the bytes of its file give the same', async () => {
  const bytes = await picture(31, 17);
  const file = join(folder, 'a.jpg');
  writeFileSync(file, bytes);
  expect(await readImage(file)).toEqual(await readImage(bytes));
});

test('EXIF orientation is applied', async () => {
  // 6: the camera was turned; rows run down from the right edge.
  const turned = await sharp(pattern, raw).withMetadata({ orientation: 6 }).png().toBuffer();
  const image = await readImage(turned);
  expect([image.width, image.height]).toEqual([2, 3]);
  expect([...image.data]).toEqual([0, 100, 9, 0, 0, 9, 100, 100, 9, 100, 0, 9, 200, 100, 9, 200, 0, 9]);
});

test.each([
  ['grey', (s: Sharp) => s.toColourspace('b-w').png()],
  ['16-bit', (s: Sharp) => s.toColourspace('rgb16').png()],
  ['with alpha', (s: Sharp) => s.ensureAlpha(0.5).png()],
  ['CMYK', (s: Sharp) => s.toColourspace('cmyk').jpeg()],
  ['palette', (s: Sharp) => s.png({ palette: true })],
  ['WebP', (s: Sharp) => s.webp()],
] as const)('%s becomes 8-bit RGB', async (_name, encode) => {
  const image = await readImage(await encode(sharp(pattern, raw)).toBuffer());
  expect([image.width, image.height, image.data.length]).toEqual([3, 2, 18]);
});

test('a 16-bit picture keeps its colours', async () => {
  const image = await readImage(await sharp(pattern, raw).toColourspace('rgb16').png().toBuffer());
  image.data.forEach((value, i) => expect(Math.abs(value - pattern[i]!)).toBeLessThanOrEqual(1));
});

test('a truncated JPEG is an error that names the file', async () => {
  const bytes = await picture(200, 150);
  const file = join(folder, 'cut.jpg');
  writeFileSync(file, bytes.subarray(0, bytes.length * 0.6));
  const error = await rejection(readImage(file));
  expect(error).toBeInstanceOf(SampleError);
  expect((error as SampleError).file).toBe(file);
  expect(error.message).toMatch(/cut\.jpg: the picture can't be decoded \(.+\); replace it, or take it out/);
});

test('stray bytes before a marker, which decoders only warn about, do no harm', async () => {
  const bytes = await picture(20, 10);
  // Before the Huffman tables: libjpeg says "extraneous bytes before marker".
  const at = Buffer.from(bytes).indexOf(Buffer.from([0xff, 0xc4]));
  const stray = Buffer.concat([
    bytes.subarray(0, at),
    Buffer.alloc(9, 7),
    bytes.subarray(at),
    Buffer.from('notes'),
  ]);
  expect(await readImage(stray)).toEqual(await readImage(bytes));
});

test('a file that is no picture, and one that is not there, are named', async () => {
  const file = join(folder, 'text.jpg');
  writeFileSync(file, 'not a picture');
  expect((await rejection(readImage(file))).message).toMatch(/text\.jpg: the picture can't be decoded/);
  const missing = join(folder, 'none.jpg');
  expect((await rejection(readImage(missing))).message).toBe(
    `${missing}: there is no such file; check the path`,
  );
  expect((await rejection(readImage(new Uint8Array([1, 2, 3])))).message).toMatch(
    /^image bytes: the picture can't/,
  );
});
