import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { turnBox } from '../src/io/orientation';
import { openDataset } from '../src/node';
import { rejection, temporaryFolder, vocXml, writeFiles } from './fixtures';

const stored = { width: 64, height: 48 };
const box = [10, 12, 40, 30] as const;

/** A black picture with a white box, as a camera stores it that was held in an EXIF orientation. */
async function photo(orientation: number, { width, height } = stored): Promise<Uint8Array> {
  const data = new Uint8Array(width * height * 3);
  for (let y = box[1]; y < box[3]; y++) data.fill(255, (y * width + box[0]) * 3, (y * width + box[2]) * 3);
  return sharp(data, { raw: { width, height, channels: 3 } })
    .withMetadata({ orientation })
    .png()
    .toBuffer();
}

/** Extent of the white pixels. */
function whiteBox({ data, width }: { data: ArrayLike<number>; width: number }): number[] {
  const extent = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < data.length / 3; i++) {
    if (data[3 * i]! < 128) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    extent[0] = Math.min(extent[0]!, x);
    extent[1] = Math.min(extent[1]!, y);
    extent[2] = Math.max(extent[2]!, x + 1);
    extent[3] = Math.max(extent[3]!, y + 1);
  }
  return extent;
}

const voc = (width: number, height: number): string =>
  vocXml([{ name: 'cat', box: [box[0] + 1, box[1] + 1, box[2], box[3]] }], { width, height });
const coco = (size: object): string =>
  JSON.stringify({
    images: [{ id: 1, file_name: 'a.png', ...size }],
    annotations: [{ image_id: 1, category_id: 1, bbox: [10, 12, 30, 18] }],
    categories: [{ id: 1, name: 'cat' }],
  });

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %d', (orientation) => {
  test('a box turns as its picture does', async () => {
    const { data, info } = await sharp(await photo(orientation), { autoOrient: true })
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(turnBox(box, { orientation, ...stored })).toEqual(whiteBox({ data, width: info.width }));
  });
});

describe.each([5, 6, 7, 8])('EXIF orientation %d, which exchanges the sides', (orientation) => {
  test('boxes of the stored picture are on the object in the upright one', async () => {
    const root = await writeFiles(temporaryFolder(), {
      'voc/a.xml': voc(64, 48),
      'voc/a.png': await photo(orientation),
      'coco/a.json': coco(stored),
      'coco/a.png': await photo(orientation),
    });
    for (const name of ['voc', 'coco']) {
      const dataset = await openDataset(join(root, name));
      const { image, truth } = await dataset.get(0);
      expect([image.width, image.height, dataset.size(0)]).toEqual([48, 64, { width: 48, height: 64 }]);
      expect([...truth.boxes]).toEqual(whiteBox(image));
      expect(dataset.problems).toEqual([]);
    }
  });

  test('boxes of the upright picture stay, and those of neither size are a problem', async () => {
    const upright = await writeFiles(temporaryFolder(), {
      'a.xml': voc(48, 64),
      'a.png': await photo(orientation),
    });
    const dataset = await openDataset(upright);
    expect([[...dataset.truth(0).boxes], dataset.problems]).toEqual([[...box], []]);
    const other = await writeFiles(temporaryFolder(), {
      'a.xml': voc(30, 20),
      'a.png': await photo(orientation),
    });
    expect((await rejection(openDataset(other))).message).toMatch(
      new RegExp(
        `made for 30×20 pixels, but .*a\\.png has 48×64, stored as 64×48 with EXIF orientation ${orientation}, sample skipped`,
      ),
    );
  });
});

test.each([
  ['upside down', voc(64, 48), 3, stored],
  ['square', voc(48, 48), 6, { width: 48, height: 48 }],
  ['without a size', voc(0, 0), 6, stored],
])('%s, the size does not tell: taken as upright, and said', async (_name, xml, orientation, size) => {
  const root = await writeFiles(temporaryFolder(), { 'a.xml': xml, 'a.png': await photo(orientation, size) });
  const dataset = await openDataset(root);
  expect([...dataset.truth(0).boxes]).toEqual([...box]);
  expect(dataset.problems.map(({ kind }) => kind)).toEqual(['note']);
  expect(dataset.problems[0]!.message).toMatch(
    /a\.png: the picture is turned by EXIF, .*taken as drawn on the upright/,
  );
  expect((await openDataset(root, { strict: true })).length).toBe(1);
});

test("YOLO's fractions are those of the upright picture, as ultralytics takes them", async () => {
  const root = await writeFiles(temporaryFolder(), {
    'classes.txt': 'cat',
    'a.png': await photo(6),
    'a.txt': '0 .5 .25 .5 .25',
  });
  const dataset = await openDataset(root);
  expect([[...dataset.truth(0).boxes], dataset.problems]).toEqual([[12, 8, 36, 24], []]);
});
