import { mulberry32 } from '@roikit/geometry';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Sample } from '../src';
import { cocoWriter } from '../src/io/write/cocoWriter';
import { writeDataset } from '../src/node';
import { memoryDataset, temporaryFolder } from './fixtures';

const root = temporaryFolder();
const classes = ['cat', '"dog"', '한글'];
const random = mulberry32(7);
const thousandth = (value: number): number => Math.round(value * 1000) / 1000;

/** Of every third picture no object, of every fifth the flags that COCO has. */
function sampleOf(index: number): Sample {
  const [width, height] = [40 + (index % 7), 30];
  const count = index % 3 === 0 ? 0 : 1 + (index % 4);
  const boxes = Float32Array.from({ length: count * 4 }, (_, i) =>
    i % 4 < 2 ? random() * 10 : 12 + random() * 15,
  );
  const flags =
    index % 5 === 0 ? { crowd: new Uint8Array(count).fill(1), area: new Float32Array(count).fill(7.25) } : {};
  const labels = Int32Array.from({ length: count }, (_, i) => 1 + ((index + i) % 3));
  const difficult = new Uint8Array(count).fill(index % 2);
  return {
    id: `p ${index}`,
    image: { width, height, data: new Uint8Array(0) },
    truth: { boxes, labels, difficult, ...flags },
  };
}

/** The file of one whole array of each list, as JSON.stringify writes it. */
function whole(samples: readonly Sample[]): string {
  const images = samples.map(({ id, image }, i) => ({
    id: i + 1,
    file_name: `${id}.png`,
    width: image.width,
    height: image.height,
  }));
  const annotations: object[] = [];
  samples.forEach(({ truth }, i) => {
    truth.labels.forEach((category_id, k) => {
      const [x1, y1, x2, y2] = [...truth.boxes.subarray(4 * k, 4 * k + 4)] as [
        number,
        number,
        number,
        number,
      ];
      const bbox = [x1, y1, x2 - x1, y2 - y1].map(thousandth);
      const area = thousandth(truth.area?.[k] ?? bbox[2]! * bbox[3]!);
      const iscrowd = truth.crowd?.[k] ?? 0;
      const ignore = truth.difficult?.[k] ? { ignore: 1 } : {};
      annotations.push({
        id: annotations.length + 1,
        image_id: i + 1,
        category_id,
        bbox,
        area,
        iscrowd,
        ...ignore,
      });
    });
  });
  const categories = classes.map((name, i) => ({ id: i + 1, name, supercategory: 'none' }));
  return JSON.stringify({ images, annotations, categories });
}

async function written(samples: readonly Sample[], folder: string): Promise<string> {
  const writer = cocoWriter(folder, { split: 'train', classes });
  await writer.prepare();
  for (const sample of samples) await writer.add(sample, `${sample.id}.png`);
  await writer.finish();
  await writer.close?.();
  return readFileSync(writer.mark, 'utf8');
}

test.each([0, 1, 2, 200])('of %i samples, the file is that of lists held whole', async (count) => {
  const samples = Array.from({ length: count }, (_, i) => sampleOf(i));
  const folder = join(root, `whole${count}`);
  expect(await written(samples, folder)).toBe(whole(samples));
  expect(readdirSync(join(folder, 'annotations'))).toEqual(['instances_train.json']);
});

test('what was begun and not finished is taken away', async () => {
  const folder = join(root, 'begun');
  const image = { width: 2, height: 1, data: new Uint8Array(6) };
  const truth = { boxes: new Float32Array(), labels: new Int32Array() };
  const dataset = memoryDataset(
    [
      { id: 'a', image, truth },
      { id: 'b', image, truth },
    ],
    classes,
  );
  for await (const _ of writeDataset(dataset, folder, { format: 'coco' })) break;
  expect(existsSync(join(folder, 'images', 'a.png'))).toBe(true);
  expect(readdirSync(join(folder, 'annotations'))).toEqual([]);
});

test('the lists are on disk, not in memory, while they grow', async () => {
  const folder = join(root, 'growing');
  const writer = cocoWriter(folder, { split: 'train', classes });
  await writer.prepare();
  const sample = sampleOf(1);
  for (let i = 0; i < 50; i++) await writer.add(sample, 'a.png');
  const sizes = readdirSync(join(folder, 'annotations')).map(
    (name) => readFileSync(join(folder, 'annotations', name)).length,
  );
  // 50 pictures of 2 objects each: no piece of them waits.
  expect(sizes.reduce((a, b) => a + b)).toBeGreaterThan(50 * 200);
  await writer.close?.();
});
