import * as fc from 'fast-check';
import sharp from 'sharp';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { digits, SampleError, subset, type Dataset, type Sample } from '../src';
import { openDataset, writeDataset, type DatasetFormat } from '../src/node';
import { memoryDataset, rejection, vocXml, writeFiles } from './fixtures';
import { classNames, newFolder, write } from './writing';

const formats = ['voc', 'coco', 'yolo'] as const;

/** Boxes with edges at hundredths of a pixel, two pixels wide at least: every format can hold them. */
function sampleOf(classes: number): fc.Arbitrary<Omit<Sample, 'id'>> {
  return fc
    .tuple(fc.integer({ min: 8, max: 40 }), fc.integer({ min: 8, max: 40 }))
    .chain(([width, height]) => {
      const span = (side: number): fc.Arbitrary<[number, number]> =>
        fc
          .tuple(fc.integer({ min: 0, max: (side - 2) * 100 }), fc.integer({ min: 200, max: side * 100 }))
          .map(([low, length]) => [low / 100, Math.min(low + length, side * 100) / 100]);
      const object = fc.tuple(span(width), span(height), fc.integer({ min: 1, max: classes }), fc.boolean());
      return fc.array(object, { maxLength: 6 }).map((objects) => ({
        image: { data: new Uint8Array(width * height * 3).fill(objects.length * 40), width, height },
        truth: {
          boxes: Float32Array.from(objects.flatMap(([[x1, x2], [y1, y2]]) => [x1, y1, x2, y2])),
          labels: Int32Array.from(objects, ([, , label]) => label),
          ...(objects.some(([, , , d]) => d) && {
            difficult: Uint8Array.from(objects, ([, , , d]) => Number(d)),
          }),
        },
      }));
    });
}

const datasets = classNames.chain((classes) =>
  fc
    .array(sampleOf(classes.length), { minLength: 1, maxLength: 3 })
    .map((samples) => ({ classes, samples: samples.map((sample, i) => ({ ...sample, id: `scene.${i}` })) })),
);

async function expectSame(
  actual: Dataset,
  expected: readonly Sample[],
  format: DatasetFormat,
): Promise<void> {
  expect(Array.from({ length: actual.length }, (_, i) => actual.id(i))).toEqual(expected.map(({ id }) => id));
  for (const [i, { image, truth }] of expected.entries()) {
    const back = await actual.get(i);
    expect(back.image).toEqual(image);
    expect(back.truth.labels).toEqual(truth.labels);
    expect(back.truth.boxes).toHaveLength(truth.boxes.length);
    back.truth.boxes.forEach((edge, k) => expect(Math.abs(edge - truth.boxes[k]!)).toBeLessThan(0.0011));
    if (format !== 'yolo') expect(back.truth.difficult).toEqual(truth.difficult);
  }
}

describe.each(formats)('%s', (format) => {
  test('what is written is what is read', async () => {
    await fc.assert(
      fc.asyncProperty(datasets, async ({ classes, samples }) => {
        const to = newFolder();
        const report = await write(memoryDataset(samples, classes), to, { format });
        expect(report).toMatchObject({ images: samples.length, problems: [] });
        // VOC keeps no class list.
        const back = await openDataset(to, {
          split: 'train',
          classes: format === 'voc' ? classes : undefined,
        });
        expect(back).toMatchObject({ format, classes, problems: [] });
        await expectSame(back, samples, format);
      }),
      { numRuns: 25 },
    );
  });

  test('splits are added to one folder; writing one twice is refused', async () => {
    const to = newFolder();
    const random = (): number => 0.5;
    await write(digits({ count: 2, random }), to, { format });
    await write(digits({ count: 3, split: 'test', random }), to, { format, split: 'val' });
    const train = await openDataset(to, { split: 'train' });
    const val = await openDataset(to, { split: 'val' });
    expect([train.format, train.length, val.length]).toEqual([format, 2, 3]);
    const again = await rejection(write(digits({ count: 2, random }), to, { format }));
    expect(again).toBeInstanceOf(SampleError);
    expect(again.message).toMatch(
      /: the split 'train' was written before; choose another folder or split, or delete it/,
    );
  });

  test('picture files are copied, not encoded again', async () => {
    const from = await writeFiles(newFolder(), {
      'a.xml': vocXml([{ name: 'cat', box: [1, 1, 20, 20] }]),
      'a.jpg': [64, 48],
    });
    const to = newFolder();
    await write(subset(await openDataset(from), [0]), to, { format });
    const copy = (await openDataset(to, { split: 'train' })).imageFile(0);
    expect(copy).toMatch(/a\.jpg$/);
    expect(readFileSync(copy)).toEqual(readFileSync(join(from, 'a.jpg')));
  });

  test('a sample that can not be read is left out and reported', async () => {
    const [good] = fc.sample(sampleOf(1), 1) as [Omit<Sample, 'id'>];
    const broken = new SampleError('x.jpg', { what: 'broken', cure: 'mend it' });
    const to = newFolder();
    const report = await write(memoryDataset([broken, { ...good, id: 'good' }], ['cat']), to, { format });
    expect(report).toMatchObject({ images: 1, problems: [broken] });
  });
});

test('YOLO takes the splits that its data.yaml knows', async () => {
  const writing = write(memoryDataset([], ['cat']), newFolder(), { format: 'yolo', split: 'holdout' });
  expect((await rejection(writing)).message).toMatch(
    /data\.yaml: YOLO has the splits train, val and test, not 'holdout'; choose/,
  );
});

test('ids that would be one file are refused; folders in ids become part of the name', async () => {
  const [sample] = fc.sample(sampleOf(1), 1) as [Omit<Sample, 'id'>];
  const of = (...ids: string[]): Dataset =>
    memoryDataset(
      ids.map((id) => ({ ...sample, id })),
      ['cat'],
    );
  expect((await rejection(write(of('a/b', 'A_b'), newFolder(), { format: 'voc' }))).message).toBe(
    "writeDataset: ids must differ, got 'A_b' twice; rename one of the two pictures",
  );
  const to = newFolder();
  await write(of('a/b', 'b'), to, { format: 'voc' });
  expect((await openDataset(to, { classes: ['cat'] })).id(0)).toBe('a_b');
});

test('progress is reported, and the signal ends the work', async () => {
  const controller = new AbortController();
  const dataset = digits({ count: 3, random: () => 0.25 });
  const events = writeDataset(dataset, newFolder(), { format: 'coco', signal: controller.signal });
  expect((await events.next()).value).toEqual({ id: '00000', done: 1, total: 3 });
  controller.abort(new Error('stop'));
  await expect(events.next()).rejects.toThrow('stop');
});

test('a picture with alpha is written without', async () => {
  const image = { data: new Uint8ClampedArray(8 * 8 * 4).fill(128), width: 8, height: 8 };
  const to = newFolder();
  const truth = { boxes: Float32Array.of(1, 1, 7, 7), labels: Int32Array.of(1) };
  await write(memoryDataset([{ id: 'a', image, truth }], ['cat']), to, { format: 'voc' });
  const { channels } = await sharp(join(to, 'JPEGImages', 'a.png')).metadata();
  expect(channels).toBe(3);
});
