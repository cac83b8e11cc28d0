import * as fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { ImageFileError, readFrames, readImage, readImageHeader } from '../src/node';

const [width, height] = [40, 28];
const noise = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7919) % 251);
const still = () => sharp(noise, { raw: { width, height, channels: 3 } });
const animated = () => {
  const frames = [noise, noise.map((v) => 255 - v), noise.map((v) => v >> 1)].map((data) =>
    sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer(),
  );
  return Promise.all(frames).then((join) => sharp(join, { join: { animated: true } }));
};

/** One file of every kind that is decoded. BMP's damages are in pictureKinds.test.ts. */
const kinds: Record<string, () => Promise<Buffer>> = {
  'turned JPEG': () => still().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  'progressive JPEG': () => still().jpeg({ progressive: true }).toBuffer(),
  'CMYK JPEG': () => still().toColourspace('cmyk').jpeg().toBuffer(),
  PNG: () => still().png().toBuffer(),
  '16-bit PNG': () => still().toColourspace('rgb16').png().toBuffer(),
  'palette PNG': () => still().png({ palette: true }).toBuffer(),
  TIFF: () => still().tiff({ compression: 'lzw' }).toBuffer(),
  'animated GIF': async () => (await animated()).gif().toBuffer(),
  'animated WebP': async () => (await animated()).webp().toBuffer(),
};

/** Few enough that a damaged header's size can't cost memory. */
const maxPixels = 1e6;

/** A picture of the size that it claims, or an error that names the file. */
async function givenOrNamed(read: () => Promise<void>): Promise<void> {
  const error = await read().catch((reason: unknown) => reason);
  if (error !== undefined) expect(error).toBeInstanceOf(ImageFileError);
}

async function readsOrRefuses(bytes: Uint8Array): Promise<void> {
  await givenOrNamed(async () => {
    const { data, width: w, height: h } = await readImage(bytes, { maxPixels });
    expect(data.length).toBe(w * h * 3);
    expect(await readImageHeader(bytes, { maxPixels })).toMatchObject({ width: w, height: h });
  });
  await givenOrNamed(async () => {
    for await (const { image, index, count } of readFrames(bytes, { maxPixels })) {
      expect(index).toBeLessThan(count);
      expect(image.data.length).toBe(image.width * image.height * 3);
    }
  });
}

describe.each(Object.entries(kinds))('a damaged %s', (name, make) => {
  let original: Buffer;
  beforeAll(async () => {
    original = await make();
  });

  test('is read or refused by name', async () => {
    // Half of the damages where headers are.
    const place = fc.oneof(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 0.1, noNaN: true }),
    );
    const changes = fc.array(fc.tuple(place, fc.nat(255)), { maxLength: 6 });
    const cut = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 3 });
    await fc.assert(
      fc.asyncProperty(changes, cut, async (list, end) => {
        const bytes = Buffer.from(original.subarray(0, end === null ? undefined : end * original.length));
        for (const [at, value] of list)
          if (bytes.length > 0) bytes[Math.floor(at * (bytes.length - 1))] = value;
        await readsOrRefuses(bytes);
      }),
      { numRuns: name.startsWith('animated') ? 80 : 40 },
    );
  });
});

test('frames before a broken one are given, and the broken one is named', async () => {
  const bytes = await (await animated()).gif().toBuffer();
  // GIF89a, 20 and 23: behind a control of 8 bytes an image's place and size, flags, its colours where bit 7 says so,
  // then the first code's bits, a length, and the first codes, which must be a clearing.
  const third = bytes.lastIndexOf(Buffer.of(0x21, 0xf9, 4)) + 8;
  const flags = bytes[third + 9]!;
  bytes[third + 12 + (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0)] = 99;
  const indices: number[] = [];
  const read = async () => {
    for await (const { index } of readFrames(bytes)) indices.push(index);
  };
  await expect(read()).rejects.toThrow(
    /^image bytes: frame 3 of 3 can't be decoded \(.+\); replace the file$/,
  );
  expect(indices).toEqual([0, 1]);
});

test.skipIf(process.platform === 'win32')(
  'folders, pipes and devices are refused before anything opens them',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'roikit-pipe-'));
    execFileSync('mkfifo', [join(folder, 'pipe.jpg')]);
    for (const read of [readImage, readImageHeader]) {
      await expect(read(join(folder, 'pipe.jpg'))).rejects.toThrow(
        /pipe\.jpg: it is a pipe or a device, not a file; give/,
      );
      await expect(read('/dev/zero')).rejects.toThrow(ImageFileError);
      await expect(read(folder)).rejects.toThrow(/roikit-pipe-\w+: it is a folder, not a file/);
    }
    rmSync(folder, { recursive: true });
  },
);
