import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDataset } from '../src/node';
import { rejection, temporaryFolder, vocXml, writeFiles } from './fixtures';

const voc = vocXml([{ name: 'cat', box: [1, 1, 20, 20] }]);
const coco = JSON.stringify({
  images: [{ id: 1, file_name: 'a.jpg', width: 64, height: 48 }],
  annotations: [{ id: 1, image_id: 1, category_id: 1, bbox: [0, 0, 20, 20], area: 400, iscrowd: 0 }],
  categories: [{ id: 1, name: 'cat' }],
});

test.each([
  ['voc', { 'Annotations/a.xml': voc, 'JPEGImages/a.jpg': [64, 48], 'classes.txt': 'stray' }],
  ['voc', { 'train/a.xml': voc, 'train/a.jpg': [64, 48] }],
  ['coco', { 'annotations/instances_val2017.json': coco, 'val2017/a.jpg': [64, 48] }],
  ['coco', { 'valid/_annotations.coco.json': coco, 'valid/a.jpg': [64, 48], 'README.txt': 'stray' }],
  [
    'yolo',
    { 'data.yaml': 'names: [cat]\ntrain: images', 'images/a.jpg': [64, 48], 'labels/a.txt': '0 .5 .5 .2 .2' },
  ],
  ['yolo', { 'classes.txt': 'cat\n', 'a.jpg': [64, 48], 'a.txt': '0 .5 .5 .2 .2' }],
] as const)('the format %s shows from the files %j', async (format, files) => {
  const root = await writeFiles(temporaryFolder(), files as unknown as Parameters<typeof writeFiles>[1]);
  const dataset = await openDataset(root);
  expect(dataset).toMatchObject({ format, length: 1, classes: ['cat'], problems: [] });
  expect((await dataset.get(0)).truth.labels).toEqual(Int32Array.of(1));
});

test('an empty folder, a folder of pictures, a missing folder, another file', async () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'empty'));
  await writeFiles(root, { 'pictures/a.jpg': [8, 8], 'list.csv': 'a,b' });
  const message = async (path: string): Promise<string> =>
    (await rejection(openDataset(join(root, path)))).message;
  expect(await message('empty')).toMatch(
    /empty: no annotations found \(looked for VOC \.xml, .*\); check the path, and/,
  );
  expect(await message('pictures')).toMatch(/pictures: no annotations found/);
  expect(await message('nowhere')).toBe(
    `${join(root, 'nowhere')}: there is no such file or folder; check the path`,
  );
  expect(await message('list.csv')).toMatch(
    /list\.csv: a dataset file must end in \.json \(COCO\) or \.yaml \(YOLO\)/,
  );
});

test.each(['voc', 'coco', 'yolo'] as const)(
  'an empty folder read as %s, and a missing one',
  async (format) => {
    const root = temporaryFolder();
    const error = await rejection(openDataset(root, { format }));
    expect(error).toMatchObject({ name: 'SampleError', file: root });
    const missing = join(root, 'nowhere');
    expect((await rejection(openDataset(missing, { format }))).message).toContain(
      'there is no such file or folder; check the path',
    );
  },
);

test('a split that is not there: the ones that are get named', async () => {
  const root = await writeFiles(temporaryFolder(), {
    'voc/Annotations/a.xml': voc,
    'voc/ImageSets/Main/train.txt': 'a',
    'folders/train/a.xml': voc,
    'coco/annotations/instances_train.json': coco,
    'yolo/data.yaml': 'names: [cat]\ntrain: images',
  });
  const message = async (path: string): Promise<string> =>
    (await rejection(openDataset(join(root, path), { split: 'test' }))).message;
  expect(await message('voc')).toMatch(/test\.txt: there is no split 'test'; choose one of train$/);
  expect(await message('folders')).toMatch(/test: there is no split 'test'; choose one of train$/);
  expect(await message('yolo')).toMatch(/yolo[^/]*: there is no split 'test'; choose one of train$/);
  expect(await message('coco')).toMatch(
    /no \.json with annotations of split 'test'; give a split, or the path of one of /,
  );
});

test('all samples bad: the first problem is told', async () => {
  const root = await writeFiles(temporaryFolder(), { 'Annotations/a.xml': voc });
  expect((await rejection(openDataset(root))).message).toMatch(
    /: no usable voc sample in it; the first of 1 problem: .*a\.xml: its picture is missing .*, sample skipped; put .*/,
  );
});

test('classes must be different and at least one', async () => {
  expect((await rejection(openDataset('x', { classes: ['a', 'b', 'a'] }))).message).toBe(
    "openDataset: classes must differ, got 'a' twice",
  );
  expect((await rejection(openDataset('x', { classes: [] }))).message).toMatch(
    /must name at least one class, got \[\]/,
  );
});

test('strict lists ten problems and counts the rest', async () => {
  const files: Record<string, string> = {};
  for (let i = 0; i < 12; i++) files[`Annotations/${String(i).padStart(2, '0')}.xml`] = voc;
  const root = await writeFiles(temporaryFolder(), files);
  const error = (await rejection(openDataset(root, { strict: true }))) as AggregateError;
  expect(error.errors).toHaveLength(12);
  expect(error.message.split('\n')).toHaveLength(12);
  expect(error.message).toMatch(/^openDataset: 12 problems .*\n.*00\.xml.*and 2 more$/s);
});

test('a picture above the limit of pixels costs its sample, in every format; the limit can be moved', async () => {
  const root = await writeFiles(temporaryFolder(), {
    'voc/a.xml': voc,
    'voc/a.jpg': [64, 48],
    'voc/b.xml': vocXml([{ name: 'cat', box: [1, 1, 9, 9] }], { width: 20, height: 10 }),
    'voc/b.jpg': [20, 10],
    'yolo/classes.txt': 'cat',
    'yolo/a.jpg': [64, 48],
    'yolo/a.txt': '0 .5 .5 .2 .2',
    'yolo/b.jpg': [20, 10],
    'coco/a.json': coco,
    'coco/a.jpg': [64, 48],
  });
  for (const name of ['voc', 'yolo']) {
    const dataset = await openDataset(join(root, name), { maxPixels: 64 * 48 - 1 });
    expect([dataset.length, dataset.id(0)]).toEqual([1, 'b']);
    expect(dataset.problems[0]!.message).toMatch(
      /a\.jpg: the picture has 64×48 pixels .*, the limit is .*; make it smaller, or raise maxPixels, or take it out of the/,
    );
    expect((await openDataset(join(root, name), { maxPixels: 64 * 48 })).length).toBe(2);
  }
  expect((await rejection(openDataset(join(root, 'coco'), { maxPixels: 9 }))).message).toMatch(
    /has 64×48 pixels/,
  );
});

test.each([
  [{ 'a.jpg': [64, 48] }, 'there is 1 picture)'],
  [{ 'a.jpg': [64, 48], 'b/c.PNG': [64, 48] }, 'there are 2 pictures)'],
] as const)('pictures alone are counted in the message: %j', async (files, expected) => {
  const root = await writeFiles(temporaryFolder(), files as unknown as Parameters<typeof writeFiles>[1]);
  expect((await rejection(openDataset(root))).message).toContain(expected);
});

test.each(['labels.ndjson', 'metadata.jsonl', 'boxes.csv'])(
  '%s is named as what is not read',
  async (name) => {
    const root = await writeFiles(temporaryFolder(), { [name]: '{"a": 1}', 'a.jpg': [64, 48] });
    expect((await rejection(openDataset(root))).message).toMatch(
      new RegExp(`there is ${name}\\); unpack or convert it`),
    );
  },
);

test('boxes in fractions where pixels are expected are refused: as pixels all lie in the first one', async () => {
  const fractions = (bbox: number[]) =>
    JSON.stringify({
      ...(JSON.parse(coco) as object),
      annotations: [{ id: 1, image_id: 1, category_id: 1, bbox }],
    });
  const message =
    /a\.json: every box lies within the first pixel of its picture, so its numbers are fractions.*; write pixels/;
  const root = await writeFiles(temporaryFolder(), {
    'a.json': fractions([0.1, 0.25, 0.5, 0.5]),
    'a.jpg': [64, 48],
  });
  expect((await rejection(openDataset(root))).message).toMatch(message);
  const voc = vocXml([{ name: 'cat', box: [0.1, 0.2, 0.8, 0.9] }]);
  const other = await writeFiles(temporaryFolder(), { 'a.xml': voc, 'a.jpg': [64, 48] });
  expect((await rejection(openDataset(other))).message).toMatch(
    /a\.xml: every box lies within the first pixel/,
  );
  // A box of one pixel, and one beside that is larger, are what they are.
  for (const bbox of [
    [0, 0, 1, 1],
    [0.1, 0.2, 3, 3],
  ]) {
    const fine = await writeFiles(temporaryFolder(), { 'a.json': fractions(bbox), 'a.jpg': [64, 48] });
    expect((await openDataset(fine)).truth(0).labels).toHaveLength(1);
  }
});

test('.json of a kind that nobody knows is named', async () => {
  const root = await writeFiles(temporaryFolder(), { 'a.jpg': [8, 8], 'odd.json': '{"boxes":[[1,2,3,4]]}' });
  expect((await rejection(openDataset(root))).message).toMatch(
    /no annotations found .*there is odd\.json\); unpack or convert it to COCO, VOC or YOLO/,
  );
});

test('a picture that can not be read is one problem, and none without an annotation', async () => {
  const root = await writeFiles(temporaryFolder(), {
    'classes.txt': 'cat\n',
    'a.jpg': [64, 48],
    'a.txt': '0 .5 .5 .2 .2',
    'zero.jpg': '',
    'zero.txt': '0 .5 .5 .2 .2',
    'sub/zero.jpg': '',
  });
  const { length, problems } = await openDataset(root);
  expect(length).toBe(1);
  expect(problems.map(({ message, kind }) => [message.replace(root, ''), kind]).sort()).toEqual([
    [expect.stringMatching(/^.sub.zero\.jpg: the picture can't be decoded \(the file is empty\)/), 'sample'],
    [expect.stringMatching(/^.zero\.jpg: the picture can't be decoded \(the file is empty\)/), 'sample'],
  ]);
});
