import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import type { RgbImage } from '../src';
import { ImageFileError, readImage, readImageSize, toSharp, writeImage } from '../src/node';

const folder = mkdtempSync(join(tmpdir(), 'roikit-image-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A JPEG of deterministic noise. */
function picture(width: number, height: number): Promise<Uint8Array> {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7919) % 251);
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg()
    .toBuffer();
}

/** What the promise rejects with. */
const rejection = (promise: Promise<unknown>): Promise<ImageFileError> =>
  promise.then(
    () => expect.unreachable('expected a rejection'),
    (error: ImageFileError) => error,
  );

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
  expect(await readImageSize(turned)).toEqual({ width: 2, height: 3 });
  expect([...image.data]).toEqual([0, 100, 9, 0, 0, 9, 100, 100, 9, 100, 0, 9, 200, 100, 9, 200, 0, 9]);
});

function expectColours({ data, width, height }: RgbImage, { within }: { within: number }): void {
  expect([width, height, data.length]).toEqual([3, 2, 18]);
  expect(Math.max(...data.map((value, i) => Math.abs(value - pattern[i]!)))).toBeLessThanOrEqual(within);
}

test.each([
  ['16-bit', 1, (s: Sharp) => s.toColourspace('rgb16').png()],
  ['with alpha', 0, (s: Sharp) => s.ensureAlpha(0.5).png()],
  ['palette', 8, (s: Sharp) => s.png({ palette: true })], // libimagequant's own palette
  ['WebP', 0, (s: Sharp) => s.webp({ lossless: true })],
  ['TIFF', 0, (s: Sharp) => s.tiff({ compression: 'lzw' })],
] as const)('%s becomes 8-bit RGB of the same colours', async (_name, within, encode) => {
  expectColours(await readImage(await encode(sharp(pattern, raw)).toBuffer()), { within });
});

test('grey becomes RGB of three equal bytes', async () => {
  const grey = Uint8Array.of(0, 50, 100, 150, 200, 250);
  const file = sharp(grey, { raw: { width: 3, height: 2, channels: 1 } });
  const { data } = await readImage(await file.png().toBuffer());
  expect([...data]).toEqual([...grey].flatMap((value) => [value, value, value]));
});

test('a truncated JPEG is an error that names the file', async () => {
  const bytes = await picture(200, 150);
  const file = join(folder, 'cut.jpg');
  writeFileSync(file, bytes.subarray(0, bytes.length * 0.6));
  const error = await rejection(readImage(file));
  expect(error).toBeInstanceOf(ImageFileError);
  expect(error.file).toBe(file);
  expect(error.message).toMatch(/cut\.jpg: the picture can't be decoded \(.+\); replace it/);
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
  expect((await rejection(readImageSize(file))).file).toBe(file);
});

describe('writeImage', () => {
  test.each(['png', 'webp', 'jpg', 'tiff'])('writes a .%s that readImage reads', async (ending) => {
    const data = Uint8Array.from({ length: 24 * 16 * 3 }, (_, i) => [200, 90, 30][i % 3]!);
    const file = join(folder, `plain.${ending}`);
    await writeImage(file, { data, width: 24, height: 16 });
    const image = await readImage(file);
    expect([image.width, image.height]).toEqual([24, 16]);
    expect(Math.max(...image.data.map((value, i) => Math.abs(value - data[i]!)))).toBeLessThanOrEqual(4);
  });

  test('drops the fourth byte', async () => {
    const rgba = Uint8Array.from({ length: 24 }, (_, i) => (i % 4 === 3 ? 99 : pattern[i - (i >> 2)]!));
    const file = join(folder, 'rgba.png');
    await writeImage(file, { data: rgba, width: 3, height: 2 });
    expect((await sharp(file).metadata()).channels).toBe(3);
    expect(await readImage(file)).toEqual({ data: pattern, width: 3, height: 2 });
  });

  test('refuses data that do not fill the image', () => {
    expect(() => toSharp({ data: pattern, width: 3, height: 3 })).toThrow(
      'toSharp: data of a 3×3 image must have 27 (RGB) or 36 (RGBA) bytes, got 18',
    );
  });
});

const photos = '../shared/data';
if (!existsSync(photos)) console.warn(`readImage: photos are skipped, there is no ${photos}`);

// SHA-1 of numpy.array(PIL.Image.open(file).convert('RGB')), Pillow 9.4
test.skipIf(!existsSync(photos)).each([
  ['bccd/JPEGImages/BloodImage_00000.jpg', 'b16bfcdb2775187b89252fc72d120f873440d23e'],
  ['coco128/images/000000000009.jpg', '87df8137172b0ccea3b6d91856b40cdb8d06dd8d'],
  ['coco128/images/000000000110.jpg', '00ea3d0a5dc962c5225447cedd6ce52fb306b5d0'],
])('%s decodes to the same bytes as in Pillow', async (file, sha1) => {
  const { data } = await readImage(join(photos, file));
  expect(createHash('sha1').update(data).digest('hex')).toBe(sha1);
});
