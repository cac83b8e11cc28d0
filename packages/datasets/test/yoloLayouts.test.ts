import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { openDataset } from '../src/node';
import { rejection, temporaryFolder, writeFiles } from './fixtures';
import { found, messages, open, row, size, type Files } from './layoutSupport';

describe('YOLO', () => {
  test.each([
    ['images/', 'labels/'],
    ['train/images/', 'train/labels/'],
    ['Images/', 'Labels/'],
    ['imgs/', 'annotations/'],
    ['', ''],
    ['images/', 'images/'],
  ])('pictures in %j, labels in %j, at any depth', async (images, labels) => {
    const dataset = await open({
      'classes.txt': 'cat',
      [`${images}1.jpg`]: size,
      [`${labels}1.txt`]: row(1),
      [`${images}2025/1.jpg`]: size,
      [`${labels}2025/1.txt`]: row(2),
      [`${images}2025/jan/01/1.bmp`]: await bmp(),
      [`${labels}2025/jan/01/1.txt`]: row(3),
      [`${images}2026/1.jpg`]: size,
    });
    const lefts = Array.from({ length: dataset.length }, (_, i) => [
      dataset.imageFile(i).replace(/\\/g, '/').split('/').slice(-2).join('/'),
      Math.round(dataset.truth(i).boxes[0] ?? -1),
    ]);
    expect(Object.fromEntries(lefts)).toMatchObject({ '2025/1.jpg': 2, '01/1.bmp': 3, '2026/1.jpg': -1 });
    expect([dataset.length, dataset.problems]).toEqual([4, []]);
  });

  test('folders above the root that are called images or labels mean nothing', async () => {
    const root = join(temporaryFolder(), 'images', 'labels', 'set');
    await writeFiles(root, {
      'data.yaml': 'train: images\nnames: [cat]',
      'images/a.jpg': size,
      'labels/a.txt': row(5),
    });
    expect(found(await openDataset(root, { split: 'train' }))).toEqual({ a: 5 });
  });

  test.each([
    './images/a.jpg',
    'images/a.jpg',
    'images\\a.jpg',
    '/home/me/set/images/a.jpg',
    'C:\\set\\images\\a.jpg',
    '"images/a.jpg"',
    'images/a.jpg  \t',
  ])('a list with %j', async (line) => {
    const dataset = await open(
      {
        'data.yaml': 'train: lists/train.txt\nnames: [cat]',
        'lists/train.txt': `${line}\r\n\r\nimages/b c.jpg\r\nimages/none.jpg\r\n`,
        'images/a.jpg': size,
        'labels/a.txt': row(1),
        'images/b c.jpg': size,
        'labels/b c.txt': row(2),
      },
      { split: 'train' },
    );
    expect(found(dataset)).toEqual({ a: 1, 'b c': 2 });
    expect(messages(dataset)).toHaveLength(1);
    expect(messages(dataset)[0]).toMatch(
      /train\.txt: line 4: there is no picture 'images\/none\.jpg', sample skipped; correct/,
    );
  });

  test("a list's './' is its own folder, as in ultralytics", async () => {
    const files = { 'data.yaml': 'train: sub/train.txt\nnames: [cat]', 'sub/train.txt': './images/a.jpg' };
    const dataset = await open(
      {
        ...files,
        'images/a.jpg': size,
        'labels/a.txt': row(1),
        'sub/images/a.jpg': size,
        'sub/labels/a.txt': row(2),
      },
      { split: 'train' },
    );
    expect(dataset.imageFile(0).replace(/\\/g, '/')).toMatch(/sub\/images\/a\.jpg$/);
    expect(Object.values(found(dataset))).toEqual([2]);
  });

  test('an absolute folder of another machine, a split that is not there', async () => {
    const dataset = await open({
      'data.yaml':
        'path: /content/sets/x\ntrain: /content/sets/x/images/train\nval: D:\\x\\images\\val\ntest: images/test\nnames: [cat]',
      'images/train/a.jpg': size,
      'labels/train/a.txt': row(1),
      'images/val/a.jpg': size,
      'labels/val/a.txt': row(2),
    });
    expect(found(dataset)).toEqual({ 'train/a': 1, 'val/a': 2 });
    expect(messages(dataset)[0]).toMatch(
      /data\.yaml: 'test' names images\/test, which is not there .*; correct the path/,
    );
  });

  test('names twice in a data.yaml, a key twice, two files of classes', async () => {
    const base = { 'images/a.jpg': size, 'labels/a.txt': `${row(1)}\n2 .5 .5 .1 .1` } as const;
    const twice = await open({
      'data.yaml': 'train: images\nnames: [cat, dog, cat]',
      ...base,
    } as unknown as Files);
    expect([twice.classes, [...twice.truth(0).labels]]).toEqual([
      ['cat', 'dog'],
      [1, 1],
    ]);
    expect(messages(twice)[0]).toMatch(
      /data\.yaml: the class name 'cat' stands at 0 and 2, taken as one class; rename/,
    );
    const key = open({
      'data.yaml': 'train: images\nnames: [cat]\nnames: [dog]',
      ...base,
    } as unknown as Files);
    expect((await rejection(key)).message).toMatch(
      /data\.yaml: the file is not YAML \(Map keys must be unique.*\)/,
    );
    const lists = open({
      'classes.txt': 'cat\ndog',
      'labels/classes.txt': 'dog\ncat',
      ...base,
    } as unknown as Files);
    expect((await rejection(lists)).message).toMatch(
      /classes\.txt: its class names \(cat, dog\) are not those of .*\(dog, cat\)/,
    );
    const equal = await open({
      'classes.txt': 'cat\ndog\ncow',
      'labels/classes.txt': 'cat\r\ndog\r\ncow',
      ...base,
    } as unknown as Files);
    expect(equal.classes).toEqual(['cat', 'dog', 'cow']);
  });

  test('training arguments beside a data.yaml, a stray .json, labels without a picture', async () => {
    const dataset = await open({
      'args.yaml': 'task: detect\nepochs: 3\ndata: data.yaml',
      'data.yaml': 'train: images\nnames: [cat]',
      'notes.json': '{"categories": [], "info": {}}',
      'images/a.jpg': size,
      'labels/a.txt': row(1),
      'labels/gone.txt': row(1),
      'labels/README.txt': 'made by hand',
    });
    expect([dataset.format, found(dataset)]).toEqual(['yolo', { a: 1 }]);
    expect(messages(dataset)).toHaveLength(1);
    expect(messages(dataset)[0]).toMatch(/gone\.txt: there is no picture of this label file, sample skipped/);
  });

  test.each([
    [
      'a pose of three 2-number keypoints',
      '0 .5 .5 .4 .4 .4 .4 .6 .4 .5 .6',
      undefined,
      'fit a pose of 3 keypoints and an outline; data.yaml has no kpt_shape',
    ],
    [
      'a pose of one 3-number keypoint',
      '0 .5 .5 .4 .4 .4 .4 2',
      undefined,
      'fit a pose of 1 keypoints; data.yaml has no kpt_shape',
    ],
    [
      'another number of keypoints',
      '0 .5 .5 .4 .4 .4 .4 .6 .4',
      '[3, 2]',
      'has 9 numbers, expected 11 of kpt_shape [3, 2]',
    ],
  ])('%s is refused, with file and line', async (_name, line, shape, message) => {
    const dataset = await open({
      'data.yaml': `train: images\nnames: [cat]\n${shape ? `kpt_shape: ${shape}` : ''}`,
      'images/a.jpg': size,
      'labels/a.txt': `${row(1)}\n${line}`,
    });
    expect(found(dataset)).toEqual({ a: 1 });
    expect(messages(dataset)[0]).toContain(`a.txt: line 2 ${message.startsWith('has') ? '' : 'has '}`);
    expect(messages(dataset)[0]).toContain(message);
  });
});

test('boxes far over the border are cut and told: rows of corners look so', async () => {
  const files = { 'classes.txt': 'cat', 'images/a.jpg': size };
  const corners = await open({ ...files, 'labels/a.txt': '0 .1 .1 .9 .95\n0 .5 .5 .2 .2' });
  expect(messages(corners).join()).toMatch(
    /: 1 box reaching over the border .*; check that rows are class, centre/,
  );
  // A tool's rounding: 0.3 pixels.
  const rounded = await open({ ...files, 'labels/a.txt': '0 .1 .5 .21 .2' });
  expect(messages(rounded)).toEqual([]);
});

test('a split that is a link to another has the same pictures, with their boxes', async () => {
  const folder = await writeFiles(temporaryFolder(), {
    'data.yaml': 'train: images/train\nval: images/val\nnames: [cat]',
    'images/train/a.jpg': size,
    'labels/train/a.txt': row(7),
  });
  for (const kind of ['images', 'labels']) symlinkSync('train', join(folder, kind, 'val'));
  expect(found(await openDataset(folder, { split: 'val' }))).toEqual({ 'train/a': 7 });
});

/** What a converter of pictures writes: 24 bits, rows from the bottom. */
async function bmp(): Promise<Uint8Array> {
  const { data, info } = await sharp({
    create: { width: 64, height: 48, channels: 3, background: '#123456' },
  })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const bytes = Buffer.alloc(54 + data.length);
  bytes.write('BM');
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(info.width, 18);
  bytes.writeInt32LE(info.height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  return bytes;
}
