import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { ImageFileError, readImage, readImageHeader, readImageSize } from '../src/node';
import golden from './goldens/pictures.json';

const folder = mkdtempSync(join(tmpdir(), 'roikit-image-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** 3 × 2 pixels whose colours tell their place: red grows with x, green with y. */
const pattern = Uint8Array.from([0, 0, 9, 100, 0, 9, 200, 0, 9, 0, 100, 9, 100, 100, 9, 200, 100, 9]);
const raw = { raw: { width: 3, height: 2, channels: 3 } } as const;

async function rejection(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.catch((error: unknown) => error);
  if (outcome instanceof ImageFileError) return outcome;
  throw new Error(`expected an ImageFileError, got ${String(outcome)}`);
}

test.each([
  [1, [3, 2]],
  [3, [3, 2]],
  [6, [2, 3]],
  [8, [2, 3]],
])('the header tells EXIF orientation %d, and the stored size', async (orientation, [width, height]) => {
  const bytes = await sharp(pattern, raw).withMetadata({ orientation }).jpeg().toBuffer();
  const stored = { width: 3, height: 2 };
  expect(await readImageHeader(bytes)).toEqual({ width, height, stored, orientation });
});

test('grey becomes three equal channels, 16 bits of it the upper 8', async () => {
  const grey = Uint8Array.of(0, 40, 80, 120, 200, 255);
  const picture = sharp(grey, { raw: { width: 3, height: 2, channels: 1 } });
  const expected = [...grey].flatMap((value) => [value, value, value]);
  const read = async (space: 'b-w' | 'grey16'): Promise<number[]> => [
    ...(await readImage(await picture.clone().toColourspace(space).png().toBuffer())).data,
  ];
  expect(await read('b-w')).toEqual(expected);
  // Here Pillow's convert('RGB') cuts everything above 255 off, which is 254 of 255 greys.
  expect(await read('grey16')).toEqual(expected);
});

test('of an animated picture, the first frame', async () => {
  const frames = Uint8Array.from([...pattern, ...pattern.map((value) => 255 - value)]);
  const raw = { width: 3, height: 4, channels: 3, pageHeight: 2 } as const;
  const image = await readImage(await sharp(frames, { raw, animated: true }).gif().toBuffer());
  expect([image.width, image.height, [...image.data]]).toEqual([3, 2, [...pattern]]);
});

test.each(Object.entries(golden.pictures))("%s: Pillow's bytes", async (name, { file, rgb }) => {
  const bytes = Buffer.from(file, 'base64');
  const { width, height, data } = await readImage(bytes);
  expect([width, height]).toEqual([golden.width, golden.height]);
  // Five bits become eight by repetition in Pillow, by scaling here.
  const tolerance = name.startsWith('16-bit') ? 1 : 0;
  const expected = Buffer.from(rgb, 'base64');
  expect(Math.max(...data.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThanOrEqual(tolerance);
  expect(await readImageHeader(bytes)).toMatchObject({ width, height, orientation: 1 });
});

test('a BMP file by its path; one that is cut or of a kind that is not known is named', async () => {
  const bytes = Buffer.from(golden.pictures['24-bit.bmp'].file, 'base64');
  const file = join(folder, 'a.bmp');
  writeFileSync(file, bytes);
  expect(await readImage(file)).toEqual(await readImage(bytes));
  expect(await readImageSize(file)).toMatchObject({ width: golden.width, height: golden.height });
  writeFileSync(file, bytes.subarray(0, 200));
  expect((await rejection(readImage(file))).message).toMatch(
    /a\.bmp: the picture can't be decoded \(BMP: the file is truncated \(200 bytes of \d+\)\); replace it/,
  );
  const odd = Buffer.from(bytes);
  odd.writeUInt16LE(2, 28);
  writeFileSync(file, odd);
  expect((await rejection(readImage(file))).message).toMatch(/2 bits with compression 0 are not supported/);
});

test('whatever a BMP holds, the answer is a picture or an error that names it', async () => {
  const kinds = Object.entries(golden.pictures).filter(([name]) => name.endsWith('.bmp'));
  const damaged = fc.record({
    kind: fc.constantFrom(...kinds.map(([, { file }]) => Buffer.from(file, 'base64'))),
    // The high bytes of width and height stay: what is tried are contents, not memory.
    changes: fc.array(
      fc.tuple(fc.oneof(fc.integer({ min: 24, max: 400 }), fc.constantFrom(18, 22)), fc.nat(255)),
    ),
    length: fc.integer({ min: 26, max: 600 }),
  });
  await fc.assert(
    fc.asyncProperty(damaged, async ({ kind, changes, length }) => {
      const bytes = Buffer.from(kind.subarray(0, length));
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      const outcome = await readImage(bytes).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ImageFileError);
      else expect(outcome).toMatchObject({ width: expect.any(Number), data: expect.any(Uint8Array) });
    }),
    { numRuns: 300 },
  );
});

/** A PNG whose header claims another size. */
async function claiming(width: number, height: number): Promise<Uint8Array> {
  const bytes = await sharp(pattern, raw).png().toBuffer();
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
}

test('a picture above the limit is refused by name before it is decoded; the limit can be moved', async () => {
  const file = join(folder, 'huge.png');
  writeFileSync(file, await claiming(12_000, 9_000));
  const message =
    `${file}: the picture has 12000×9000 pixels (108 megapixels), the limit is 100 megapixels; ` +
    'make it smaller, or raise maxPixels';
  expect((await rejection(readImage(file))).message).toBe(message);
  expect((await rejection(readImageSize(file))).message).toBe(message);
  expect(await readImageSize(file, { maxPixels: 12_000 * 9_000 })).toMatchObject({ width: 12_000 });
  expect((await rejection(readImage(file, { maxPixels: 2e8 }))).message).toMatch(/can't be decoded/);
  expect(await readImageSize(await claiming(12_500, 8_000))).toMatchObject({ width: 12_500 });
  const bitmap = Buffer.from(golden.pictures['24-bit.bmp'].file, 'base64');
  expect((await rejection(readImage(bitmap, { maxPixels: 90 }))).message).toMatch(
    /^image bytes: the picture has 13×7/,
  );
});

test('AVIF is read; HEIC, which needs a patented codec, and others are named with the cure', async () => {
  const image = await readImage(await sharp(pattern, raw).avif({ lossless: true }).toBuffer());
  expect([image.width, image.height]).toEqual([3, 2]);
  image.data.forEach((value, i) => expect(Math.abs(value - pattern[i]!)).toBeLessThanOrEqual(3));
  const heads = {
    HEIC: '\0\0\0\x18ftypheic\0\0\0\0mif1heic',
    'JPEG 2000': '\0\0\0\x0cjP  \r\n\x87\n',
    'JPEG XL': '\xff\x0a\0\0',
    Photoshop: '8BPS\0\x01',
  };
  for (const [name, head] of Object.entries(heads)) {
    const file = join(folder, `${name}.jpg`);
    writeFileSync(file, Buffer.from(head.padEnd(100, '\0'), 'latin1'));
    expect((await rejection(readImage(file))).message).toMatch(
      new RegExp(`${name}\\.jpg: ${name} files can't be read here \\(.+\\); convert it to JPEG or PNG`),
    );
  }
});

test('an empty file is called empty', async () => {
  const file = join(folder, 'empty.jpg');
  writeFileSync(file, '');
  expect((await rejection(readImage(file))).message).toMatch(
    /empty\.jpg: the picture can't be decoded \(the file is empty\)/,
  );
});

const cases = '../shared/cases/23-colour-profiles';
if (!existsSync(cases)) console.warn(`pictureKinds: pictures are skipped, there is no ${cases}`);

// SHA-1 of ImageOps.exif_transpose(Image.open(file)).convert('RGB').tobytes(), Pillow 13.0
test.skipIf(!existsSync(cases)).each([
  ['cmyk.jpg', '63ecb999b99d3ef99ba97e99fa4d1bf303d59f3c'],
  ['cmyk.tif', '8b934d651258a9df18a94bc2daae1d1a5351ac6c'],
  ['p3.jpg', '0b8c6a8ceee7ef41b9839fbbd23fd2bda431ea72'],
  ['p3.png', '8b934d651258a9df18a94bc2daae1d1a5351ac6c'],
  ['bmp.bmp', '8b934d651258a9df18a94bc2daae1d1a5351ac6c'],
  ['bmp8.bmp', '1c69eda90d4a60f245add77b44d460613e630cb5'],
  ['exif7.jpg', 'e40447dbd6e2a37315de6c7dcbd35ea03bfaf8de'],
  ['mpo.jpg', '3a81123c9a995499bad3ad9f4807bf455c59b92b'],
  ['rgb16.png', '8b934d651258a9df18a94bc2daae1d1a5351ac6c'],
  ['palette_alpha.png', '75f2ca6ddb4020bae8f8714a8e8bc47beb9f8411'],
  ['anim.webp', '8b934d651258a9df18a94bc2daae1d1a5351ac6c'],
  ['webp_named.jpg', '1d5012c0a001b9019220ffa7037583c8096a732f'],
])("reported picture %s: Pillow's bytes", async (file, sha1) => {
  const { data } = await readImage(join(cases, file));
  expect(createHash('sha1').update(data).digest('hex')).toBe(sha1);
});

test.skipIf(!existsSync(cases)).each([
  ['jp2.jp2', "JPEG 2000 files can't be read here"],
  ['ico.ico', "Windows icon files can't be read here"],
  ['zero.jpg', 'the file is empty'],
  ['html.jpg', "the picture can't be decoded"],
  ['trunc.jpg', "the picture can't be decoded"],
])('reported picture %s is named: %s', async (file, what) => {
  expect((await rejection(readImage(join(cases, file)))).message).toContain(`${join(cases, file)}: `);
  expect((await rejection(readImage(join(cases, file)))).message).toContain(what);
});
