import { describe, expect, test } from 'vitest';
import { join } from 'node:path';
import sharp from 'sharp';
import { openDataset, type FileDataset, type OpenDatasetOptions } from '../src/node';
import { rejection, temporaryFolder, vocXml, writeFiles } from './fixtures';

type Files = Parameters<typeof writeFiles>[1];
type Size = [number, number];
const size: Size = [64, 48];

async function open(files: Files, options: OpenDatasetOptions = {}): Promise<FileDataset> {
  return openDataset(await writeFiles(temporaryFolder(), files), options);
}

/** Ids, with the left edge of the first box: each annotation below has one of its own. */
function found(dataset: FileDataset): Record<string, number | undefined> {
  return Object.fromEntries(
    Array.from({ length: dataset.length }, (_, i) => [dataset.id(i), Math.round(dataset.truth(i).boxes[0]!)]),
  );
}

const messages = (dataset: FileDataset): string[] => dataset.problems.map(({ message }) => message);

/** An annotation whose box begins at `left`. */
const xml = (left: number, filename = 'x.jpg', name = 'cat'): string =>
  vocXml([{ name, box: [left + 1, 1, left + 20, 20] }], { filename });
const row = (left: number): string => `0 ${(left + 10) / 64} .5 ${20 / 64} .5`;
const coco = (
  images: object[],
  annotations: object[],
  categories: object[] = [{ id: 1, name: 'cat' }],
): string => JSON.stringify({ images, annotations, categories });
const annotation = (image: unknown, left: number): object => ({
  image_id: image,
  category_id: 1,
  bbox: [left, 1, 20, 20],
});

describe('VOC', () => {
  test.each([
    ['Annotations', 'JPEGImages'],
    ['annots', 'images'],
    ['labels', 'imgs'],
    ['ANNOTATIONS', 'Images'],
    ['train/annotations', 'train/images'],
    ['annotations/train', 'images/train'],
    ['a/b/Annotations', 'a/b/JPEGImages'],
    ['train', 'train'],
  ])(
    '%s beside %s, two and three folders deep, the same names in different folders',
    async (annotations, images) => {
      const dataset = await open({
        [`${annotations}/1.xml`]: xml(1),
        [`${images}/1.jpg`]: size,
        [`${annotations}/cam1/1.xml`]: xml(2),
        [`${images}/cam1/1.jpg`]: size,
        [`${annotations}/cam2/deep/er/1.xml`]: xml(3),
        [`${images}/cam2/deep/er/1.PNG`]: size,
        [`${annotations}/cam3/1.xml`]: xml(4),
      });
      expect(dataset.format).toBe('voc');
      expect(Object.values(found(dataset)).sort()).toEqual([1, 2, 3]);
      for (let i = 0; i < 3; i++) {
        const end = { 1: '1.jpg', 2: 'cam1/1.jpg', 3: 'cam2/deep/er/1.PNG' }[
          Math.round(dataset.truth(i).boxes[0]!)
        ];
        expect(dataset.imageFile(i).replace(/\\/g, '/')).toMatch(new RegExp(`/${end}$`));
      }
      // The fourth has no picture of its own, and gets no other.
      expect(messages(dataset)).toHaveLength(1);
      expect(messages(dataset)[0]).toMatch(/cam3.1\.xml: its picture is missing \(.*\), sample skipped; put/);
    },
  );

  test('splits of nested names, with Windows separators, spaces, endings, and the lists of other tools', async () => {
    const files = {
      'Annotations/cam1/1.xml': xml(1),
      'Annotations/my photo.xml': xml(2),
      'Annotations/c 1.xml': xml(3),
      'JPEGImages/cam1/1.jpg': size,
      'JPEGImages/my photo.jpg': size,
      'JPEGImages/c 1.jpg': size,
    } as const;
    const lists = {
      slash: 'cam1/1\nmy photo\nc 1\n',
      windows: 'cam1\\1\r\nmy photo   \r\nc 1\r\n',
      old: 'cam1/1\rmy photo\rc 1',
      marks: 'cam1/1  1\nmy photo -1\nc 1 1\n',
      files: 'cam1/1.xml\nmy photo.jpg\n"c 1.jpg"\n',
      paddle:
        './JPEGImages/cam1/1.jpg ./Annotations/cam1/1.xml\nJPEGImages/my photo.jpg\nJPEGImages/c 1.jpg\n',
    };
    const sets = Object.fromEntries(
      Object.entries(lists).map(([name, text]) => [`ImageSets/Main/${name}.txt`, text]),
    );
    const root = await writeFiles(temporaryFolder(), { ...files, ...sets } as unknown as Files);
    for (const split of Object.keys(lists)) {
      const dataset = await openDataset(root, { split });
      expect([split, found(dataset), messages(dataset)]).toEqual([
        split,
        { 'cam1/1': 1, 'my photo': 2, 'c 1': 3 },
        [],
      ]);
    }
  });

  test('<filename> decides where two pictures have the name; without it the sample is a problem', async () => {
    const pictures = { 'JPEGImages/a.jpg': size, 'JPEGImages/a.png': size } as const;
    const decided = await open({ 'Annotations/a.xml': xml(1, 'a.png'), ...pictures } as unknown as Files);
    expect(decided.imageFile(0)).toMatch(/a\.png$/);
    const { message } = await rejection(
      open({ 'Annotations/a.xml': xml(1, 'a'), ...pictures } as unknown as Files),
    );
    expect(message).toMatch(
      /a\.xml: its picture may be JPEGImages\/a\.jpg or JPEGImages\/a\.png, sample skipped; name/,
    );
  });

  test.each([
    ['b', 'b.jpg'],
    ['B.JPG', 'b.jpg'],
    ['b.jpeg', 'b.jpg'],
    ['frame.12', 'frame.12.jpg'],
    ['C:\\set\\images\\b.jpg', 'b.jpg'],
  ])('<filename> %s finds %s where the annotation has another name', async (filename, picture) => {
    const dataset = await open({ 'Annotations/0001.xml': xml(1, filename), [`images/${picture}`]: size });
    expect([found(dataset), messages(dataset)]).toEqual([{ '0001': 1 }, []]);
  });

  test('two annotations of one picture are both problems: which is right is not known', async () => {
    const root = await writeFiles(temporaryFolder(), {
      'Annotations/a.xml': xml(1, 'p.jpg'),
      'Annotations/b.xml': xml(2, 'p.jpg'),
      'Annotations/c.xml': xml(3),
      'JPEGImages/p.jpg': size,
      'JPEGImages/c.jpg': size,
    });
    const dataset = await openDataset(root);
    expect(found(dataset)).toEqual({ c: 3 });
    expect(messages(dataset).map((text) => text.replaceAll(root, ''))).toEqual([
      '/Annotations/a.xml: its picture /JPEGImages/p.jpg is that of /Annotations/b.xml too, sample skipped; delete or correct one of the two annotations',
      '/Annotations/b.xml: its picture /JPEGImages/p.jpg is that of /Annotations/a.xml too, sample skipped; delete or correct one of the two annotations',
    ]);
  });

  test('folders of any name are named by hand', async () => {
    const root = await writeFiles(temporaryFolder(), {
      'boxes/a.xml': xml(1),
      'photos of 2024/a.jpg': size,
      'copies/a.jpg': size,
    });
    expect((await rejection(openDataset(root))).message).toMatch(/no usable voc sample/);
    const options = { images: join(root, 'photos of 2024'), annotations: join(root, 'boxes') };
    const dataset = await openDataset(root, options);
    expect([found(dataset), dataset.imageFile(0)]).toEqual([{ a: 1 }, join(root, 'photos of 2024', 'a.jpg')]);
    expect(found(await openDataset(root, { images: 'photos of 2024', annotations: 'boxes' }))).toEqual({
      a: 1,
    });
    expect((await rejection(openDataset(root, { images: 'nowhere' }))).message).toMatch(
      /^nowhere: there is no such folder, given as `images`; give it as a path from here, or from/,
    );
  });
});

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

describe('COCO', () => {
  test('names that differ in folders only, in both directions', async () => {
    const images = [
      { id: 1, file_name: 'train/a.jpg', width: 64, height: 48 },
      { id: 2, file_name: 'val\\a.jpg' },
      { id: 3, file_name: '/data/project/test/a.jpg' },
      { id: 4, file_name: 'other/a.jpg' },
    ];
    const root = await writeFiles(temporaryFolder(), {
      'annotations/all.json': coco(
        images,
        [1, 2, 3, 4].map((id) => annotation(id, id)),
      ),
      'images/train/a.jpg': size,
      'images/val/a.jpg': size,
      'images/test/a.jpg': size,
    });
    const dataset = await openDataset(root);
    expect(found(dataset)).toEqual({ 'train/a': 1, 'val/a': 2, 'test/a': 3 });
    expect(messages(dataset)).toHaveLength(1);
    expect(messages(dataset)[0]).toMatch(
      /all\.json: its picture .*other\/a\.jpg is missing, sample skipped; put/,
    );
    expect(found(await openDataset(join(root, 'annotations', 'all.json')))).toEqual(found(dataset));
  });

  test('doubled categories: two ids of a name are one class, two names of an id are none', async () => {
    const categories = [
      { id: 1, name: 'cat' },
      { id: 2, name: 'cat' },
      { id: 3, name: 'dog' },
      { id: 3, name: 'cow' },
      { id: '4', name: 5 },
    ];
    const annotations = [1, '2', 3, 4].map((category_id) => ({ ...annotation(1, 3), category_id }));
    const dataset = await open({
      'a.json': coco([{ id: '1', file_name: 'a.jpg' }], annotations, categories),
      'a.jpg': size,
    });
    expect(dataset.classes).toEqual(['cat', 'dog', 'cow', '5']);
    expect([...dataset.truth(0).labels]).toEqual([1, 1, 4]);
    expect(dataset.problems.map(({ kind }) => kind)).toEqual(['note', 'note', 'object']);
    expect(messages(dataset)[0]).toMatch(/categories 1 and 2 are both called 'cat', taken as one class/);
  });

  test('what lies there and was not used is counted', async () => {
    const json = coco([{ id: 1, file_name: 'a.jpg' }], [annotation(1, 1)]);
    const dataset = await open({
      'a.json': json,
      'images/a.jpg': size,
      'images/b.jpg': size,
      'images/c.png': size,
    });
    expect(messages(dataset).map((text) => text.replace(/^.*?: /, ''))).toEqual([
      '2 pictures without an annotation, the first images/b.jpg; annotate them, or name the folders with `images` and `annotations`',
    ]);
    expect(dataset.problems[0]!.kind).toBe('note');
  });
});

describe('the format shows from the content', () => {
  test('two formats in one folder: one is taken, the other named', async () => {
    const files = { 'a.xml': xml(1), 'a.txt': row(2), 'classes.txt': 'cat', 'a.jpg': size } as const;
    const dataset = await open(files as unknown as Files);
    expect([dataset.format, found(dataset)]).toEqual(['voc', { a: 1 }]);
    expect(messages(dataset)[0]).toMatch(
      /taken as voc \(1 VOC \.xml\), but there is more: YOLO label \.txt; give `format`/,
    );
    expect(found(await open(files as unknown as Files, { format: 'yolo' }))).toEqual({ a: 2 });
  });

  test.each([
    [
      '[{"id": 1, "data": {"image": "a.jpg"}, "annotations": []}]',
      /Label Studio JSON, which is not read; export 'COCO', 'Pascal VOC XML' or 'YOLO'/,
    ],
    ['{"_via_img_metadata": {}}', /VGG Image Annotator \(VIA\) JSON/],
    ['{"a.jpg123": {"filename": "a.jpg", "size": 123, "regions": []}}', /VGG Image Annotator \(VIA\) JSON/],
    ['{"info": {}, "categories": {}, "items": []}', /Datumaro JSON.*datum convert/],
    ['{"description": "", "tags": [], "size": {"height": 1}, "objects": []}', /Supervisely JSON/],
    ['[{"image": "a.jpg", "annotations": []}]', /CreateML JSON/],
    ['{"asset": {}, "regions": [], "version": "2"}', /VoTT JSON/],
    ['{"item": {}, "annotations": [], "version": "2.0"}', /V7 Darwin JSON/],
    ['[{"name": "a.jpg", "labels": []}]', /BDD100K/],
    ['[{"image_id": 1, "category_id": 1, "bbox": []}]', /COCO results/],
  ])('%s is named with what to export', async (json, message) => {
    const root = await writeFiles(temporaryFolder(), { 'export.json': json, 'a.jpg': size });
    for (const path of [root, join(root, 'export.json')]) {
      const error = await rejection(openDataset(path));
      expect(error.message).toMatch(message);
      expect(error.message).toContain('export.json: the file is ');
    }
  });

  test('a table of boxes, CVAT for video, polygons only', async () => {
    expect((await rejection(open({ 'a.csv': 'file,x,y', 'a.jpg': size }))).message).toMatch(
      /there is a\.csv\); unpack or convert/,
    );
    const video = '<annotations><track id="0" label="cat"><box frame="0" xtl="1"/></track></annotations>';
    expect((await rejection(open({ 'a.xml': video, 'a.jpg': size }))).message).toMatch(
      /a\.xml: the file is of a 'CVAT for video' export \(<track>\); export 'CVAT for images 1\.1'/,
    );
    const polygon =
      '<annotation><object><name>cat</name><polygon><pt><x>1</x><y>1</y></pt></polygon></object></annotation>';
    const polygons = await open({ 'a.xml': polygon, 'a.jpg': size }).catch((error: Error) => error);
    expect(polygons).toBeInstanceOf(Error);
    expect((polygons as Error).message).toMatch(
      /hold polygons and no boxes.*a\.xml: object 1 \('cat'\) has a <polygon> and no <bndbox>.*export upright boxes/,
    );
  });
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
