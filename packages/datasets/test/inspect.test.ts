import { join } from 'node:path';
import { expect, test } from 'vitest';
import { duplicateFiles } from '../src/io/inspect/duplicateFiles';
import { inspectDataset } from '../src/node';
import { picture, rejection, temporaryFolder, vocXml, writeFiles } from './fixtures';

test('everything there is to know about a small folder', async () => {
  const same = await picture(40, 20);
  const root = await writeFiles(temporaryFolder(), {
    'Annotations/a.xml': vocXml(
      [
        { name: 'cat', box: [1, 1, 16, 4] },
        { name: 'cat', box: [1, 1, 16, 4] },
        { name: 'dog', box: [1, 1, 9, 9], difficult: 1 },
        { name: 'dog', box: [5, 5, 5, 5] },
      ],
      { width: 40, height: 20 },
    ),
    'Annotations/b.xml': vocXml([{ name: 'cat', box: [1, 1, 4, 4] }], { width: 40, height: 20 }),
    'Annotations/c.xml': vocXml([], { width: 64, height: 48 }),
    'Annotations/gone.xml': vocXml([{ name: 'cow', box: [1, 1, 4, 4] }]),
    'JPEGImages/a.jpg': same,
    'JPEGImages/b.jpg': [40, 20],
    'JPEGImages/c.jpg': [64, 48],
    'JPEGImages/copy of a.jpg': same,
    'JPEGImages/other.jpg': [8, 6],
    'ImageSets/Main/train.txt': 'a',
    'old/export.json': '{}',
    'README.txt': 'by hand',
  });
  const file = (name: string): string => join(root, 'JPEGImages', name);
  const { problems, ...inspection } = await inspectDataset(root);
  expect(inspection).toEqual({
    path: root,
    name: expect.any(String) as string,
    format: 'voc',
    title: 'PASCAL VOC',
    why: '4 VOC .xml',
    images: 3,
    objects: 4,
    emptyImages: 1,
    classes: [
      { name: 'cat', objects: 3, images: 2 },
      { name: 'cow', objects: 0, images: 0 },
      { name: 'dog', objects: 1, images: 1 },
    ],
    sizes: [
      { width: 40, height: 20, images: 2 },
      { width: 64, height: 48, images: 1 },
    ],
    boxSizes: [4, 8, 8, 8, 9].map((size) => expect.closeTo(size, 6) as number),
    difficult: 1,
    crowds: 0,
    badBoxes: 1,
    repeatedBoxes: 1,
    // b.jpg is the same noise, too.
    duplicates: [[file('a.jpg'), file('b.jpg'), file('copy of a.jpg')]],
    unused: {
      pictures: [file('copy of a.jpg'), file('other.jpg')],
      annotations: [join(root, 'old', 'export.json')],
    },
  });
  expect(problems.map(({ kind }) => kind).sort()).toEqual(['note', 'object', 'sample']);
  for (const { message, file: at } of problems) expect(message.startsWith(`${at}: `)).toBe(true);
  expect(JSON.parse(JSON.stringify(inspection))).toEqual(inspection);
});

test('the options are those of openDataset; what can not be opened is its error', async () => {
  const root = await writeFiles(temporaryFolder(), {
    'classes.txt': 'cat\ndog',
    'train/images/a.jpg': [40, 20],
    'train/labels/a.txt': '1 .5 .5 .5 .5',
    'val/images/b.jpg': [40, 20],
    'val/labels/b.txt': '0 .5 .5 .5 .5',
  });
  const { images, classes, why } = await inspectDataset(root, { split: 'val' });
  expect([images, classes.map(({ objects }) => objects), why]).toEqual([1, [1, 0], 'YOLO label .txt']);
  expect((await inspectDataset(root, { format: 'yolo' })).why).toBe('as given');
  expect((await rejection(inspectDataset(join(root, 'nowhere')))).message).toMatch(
    /there is no such file or folder/,
  );
});

test('files are alike by their bytes; empty ones and those that are gone are like none', async () => {
  const files = { a: 'one', b: 'two', 'below/a': 'one', c: 'three', empty: '', hollow: '' };
  const root = await writeFiles(temporaryFolder(), files);
  const paths = [...Object.keys(files), 'gone', 'lost', 'a'].map((name) => join(root, name));
  expect(await duplicateFiles(paths)).toEqual([[join(root, 'a'), join(root, 'below/a')]]);
});
