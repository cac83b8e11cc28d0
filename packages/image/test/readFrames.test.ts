import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { ImageFileError, readFrames, readImage } from '../src/node';

const [width, height] = [7, 5];

/** Each of one colour, which GIF's palette holds exactly. */
const still = (red: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: { r: red, g: 40, b: 200 } } })
    .png()
    .toBuffer();

async function animation(reds: readonly number[], format: 'gif' | 'webp'): Promise<Buffer> {
  const frames = await Promise.all(reds.map(still));
  const joined = sharp(frames, { join: { animated: true } });
  return (format === 'gif' ? joined.gif() : joined.webp({ lossless: true })).toBuffer();
}

async function all(source: Uint8Array) {
  const frames = [];
  for await (const frame of readFrames(source)) frames.push(frame);
  return frames;
}

describe.each(['gif', 'webp'] as const)('an animated %s', (format) => {
  test('gives every frame, in order, each whole', async () => {
    const reds = [10, 90, 170, 250];
    const frames = await all(await animation(reds, format));
    expect(frames.map(({ index, count }) => [index, count])).toEqual(reds.map((_, i) => [i, 4]));
    for (const [i, { image }] of frames.entries()) {
      expect([image.width, image.height]).toEqual([width, height]);
      expect([...image.data]).toEqual(
        Array.from({ length: width * height }, () => [reds[i], 40, 200]).flat(),
      );
    }
  });

  test('its first frame is what readImage gives', async () => {
    const bytes = await animation([33, 66], format);
    expect((await all(bytes))[0]!.image).toEqual(await readImage(bytes));
  });
});

test('any other picture is one frame', async () => {
  const [frame, ...others] = await all(await still(80));
  expect(others).toEqual([]);
  expect(frame).toMatchObject({ index: 0, count: 1, image: { width, height } });
});

test('what is no picture is refused as readImage does', async () => {
  await expect(all(new Uint8Array(50))).rejects.toThrow(ImageFileError);
});
