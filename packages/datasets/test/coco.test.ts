import * as fc from 'fast-check';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SampleError } from '../src';
import { parseCoco } from '../src/io/coco/parseCoco';
import { openDataset } from '../src/node';
import { rejection, temporaryFolder, writeFiles } from './fixtures';

const image = { id: 7, file_name: 'train/a.b.jpg', width: 64, height: 48 };
const annotation = { id: 1, image_id: 7, category_id: 18, bbox: [1.5, 2, 10, 20], area: 150.5, iscrowd: 0 };
// Ids with gaps and out of order, as COCO's own have gaps.
const categories = [
  { id: 18, name: 'dog' },
  { id: 3, name: 'car' },
];

function json(content: object = {}): string {
  return JSON.stringify({ images: [image], annotations: [annotation], categories, ...content });
}

describe('parseCoco', () => {
  test('x y width height become corners; classes follow the ids', () => {
    const { classes, images, problems } = parseCoco(json(), 'f.json');
    expect([classes, problems]).toEqual([['car', 'dog'], []]);
    expect(images).toEqual([
      {
        fileName: 'train/a.b.jpg',
        size: { width: 64, height: 48 },
        objects: [
          {
            name: 'dog',
            box: [1.5, 2, 11.5, 22],
            written: '[1.5, 2, 10, 20]',
            crowd: false,
            difficult: false,
            area: 150.5,
          },
        ],
      },
    ]);
  });

  test('boxes given as corners are noted; one that a tool drew over the border is not', () => {
    const boxes = [
      [30, 20, 60, 40], // as corners 30 × 20, as x y w h it ends at 90, 60 of 64 × 48
      [40, 10, 50, 45],
      [50, 2, 15, 20], // over the border by a pixel
      [1, 2, 10, 20],
    ];
    const annotations = boxes.map((bbox, i) => ({ ...annotation, id: i, bbox }));
    const { problems } = parseCoco(json({ annotations }), 'f.json');
    expect(problems.map(({ message, kind }) => [message, kind])).toEqual([
      [expect.stringMatching(/^f\.json: 2 boxes of 4 leave the picture as \[x, y, width, height\]/), 'note'],
    ]);
    expect(parseCoco(json({ annotations: annotations.slice(2) }), 'f.json').problems).toEqual([]);
  });

  test('crowd and ignore; a crowd, which pycocotools ignores anyway, is not difficult too', () => {
    const annotations = [
      { ...annotation, iscrowd: 1, ignore: 1 },
      { ...annotation, ignore: 1 },
    ];
    const objects = parseCoco(json({ annotations }), 'f.json').images[0]!.objects;
    expect(objects.map(({ crowd, difficult }) => [crowd, difficult])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  test.each([
    [
      'f.json: the file is not JSON',
      '{"images": [',
      /^f\.json: the file is not JSON \(.+\); a COCO detection file is an/,
    ],
    ['no object', '[1]', /^f\.json: the file is not an object; a COCO/],
    ['captions', json({ categories: undefined }), /^f\.json: the file has no list 'categories'; a COCO/],
  ])('%s', (_name, text, message) => {
    expect(() => parseCoco(text, 'f.json')).toThrow(message);
  });

  test.each([
    [{ ...annotation, image_id: 8 }, 'annotation 1 belongs to no image (8), skipped'],
    [
      { ...annotation, category_id: 1 },
      "annotation 1 has category_id 1, which is not in 'categories', skipped",
    ],
    [
      { ...annotation, bbox: [1, 2, 3] },
      'annotation 1 has bbox [1,2,3], which is not [x, y, width, height], skipped',
    ],
    [{ ...annotation, bbox: [1, 2, 3, null] }, 'annotation 1 has bbox [1,2,3,null], which is not'],
    [{ ...annotation, bbox: undefined }, 'annotation 1 has bbox undefined, which is not'],
  ])('an annotation that is wrong costs only itself: %j', (wrong, message) => {
    const { images, problems } = parseCoco(json({ annotations: [wrong, annotation] }), 'f.json');
    expect(images[0]!.objects).toHaveLength(1);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.message).toContain(`f.json: ${message}`);
    expect(problems[0]!.message).toMatch(/; correct or delete that annotation$/);
  });

  test('an image without a name; one without a size', () => {
    const images = [
      { id: 7, width: 64, height: 48 },
      { id: 8, file_name: 'b.jpg' },
    ];
    const coco = parseCoco(json({ images }), 'f.json');
    expect(coco.images).toEqual([{ fileName: 'b.jpg', size: undefined, objects: [] }]);
    expect(coco.problems.map(({ message, kind }) => [kind, message])).toEqual([
      ['sample', 'f.json: image 7 has no file_name, skipped; correct or delete that image'],
      ['object', 'f.json: annotation 1 belongs to no image (7), skipped; correct or delete that annotation'],
    ]);
  });

  test('values that have no text of their own, and entries that are no objects', () => {
    const odd = { toString: 1 };
    const { classes, problems } = parseCoco(
      json({
        images: [image, null, 3],
        categories: [{ id: odd, name: 'cell' }, { id: 3, name: odd }, { id: 4, name: 'dog' }, 'cat'],
        annotations: [{ id: odd, image_id: odd }, { id: 1, image_id: 7, category_id: [1] }, null],
      }),
      'f.json',
    );
    expect(classes.toSorted()).toEqual(['cell', 'dog']);
    expect(problems.map(({ message }) => message.replace(/^f\.json: |, skipped; .*$/g, ''))).toEqual(
      [
        'category 3 has no name',
        'category cat has no name',
        'image null has no file_name',
        'image 3 has no file_name',
        'annotation {"toString":1} belongs to no image ({"toString":1})',
        "annotation 1 has category_id [1], which is not in 'categories'; correct or delete that annotation",
        'annotation null is not an object',
      ].map((text) => text.replace(/; .*$/, '')),
    );
  });

  test('every annotation comes out as an object or as a problem, whatever it is', () => {
    const field = fc.oneof(fc.constantFrom(7, 3, 18), fc.jsonValue());
    const bbox = fc.oneof(fc.array(fc.double(), { minLength: 4, maxLength: 4 }), fc.jsonValue());
    const record = fc.record({
      id: fc.nat(),
      image_id: field,
      category_id: field,
      bbox,
      iscrowd: field,
      area: field,
    });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 10 }), (annotations) => {
        const { images, problems } = parseCoco(json({ annotations }), 'f.json');
        expect(images[0]!.objects.length + problems.filter(({ kind }) => kind !== 'note').length).toBe(
          annotations.length,
        );
        expect(problems.every((problem) => problem instanceof SampleError)).toBe(true);
      }),
    );
  });
});

describe('layouts', () => {
  const one = (file: string): string => json({ images: [{ ...image, file_name: file }] });

  test('COCO: the split chooses among the files, instances among their kinds', async () => {
    const root = await writeFiles(temporaryFolder(), {
      'annotations/instances_train2017.json': one('t.jpg'),
      'annotations/instances_val2017.json': one('v.jpg'),
      'annotations/captions_val2017.json': '{}',
      'train2017/t.jpg': [64, 48],
      'val2017/v.jpg': [64, 48],
    });
    const val = await openDataset(root, { split: 'val' });
    expect([val.length, val.id(0), val.imageFile(0)]).toEqual([1, 'v', join(root, 'val2017', 'v.jpg')]);
    expect((await openDataset(root, { split: 'train2017' })).id(0)).toBe('t');
    const byFile = await openDataset(join(root, 'annotations', 'instances_train2017.json'));
    expect([byFile.id(0), byFile.problems]).toEqual(['t', []]);
    expect((await rejection(openDataset(root))).message).toMatch(
      /more than one \.json with annotations; give a split, or the path of one of .*captions_val2017\.json.*/,
    );
  });

  test('Roboflow: annotations beside the pictures', async () => {
    const root = await writeFiles(temporaryFolder(), {
      'train/_annotations.coco.json': one('a.jpg'),
      'train/a.jpg': [64, 48],
      'valid/_annotations.coco.json': one('b.jpg'),
      'valid/b.jpg': [64, 48],
    });
    const val = await openDataset(root, { split: 'val' });
    expect([val.imageFile(0), val.problems]).toEqual([join(root, 'valid', 'b.jpg'), []]);
  });

  test.each(['images/train', 'train', 'images', '.'])('pictures in %s', async (folder) => {
    const root = await writeFiles(temporaryFolder(), {
      'train.json': one('a.jpg'),
      [`${folder}/a.jpg`]: [64, 48],
    });
    expect((await openDataset(root, { split: 'train' })).imageFile(0)).toBe(join(root, folder, 'a.jpg'));
  });

  test('pictures that are nowhere', async () => {
    const root = await writeFiles(temporaryFolder(), { 'a.json': one('a.jpg') });
    mkdirSync(join(root, 'images'));
    expect((await rejection(openDataset(root))).message).toMatch(
      /its picture .*images.a\.jpg is missing, sample skipped/,
    );
  });

  test('classes may be a choice in another order', async () => {
    const root = await writeFiles(temporaryFolder(), { 'a.json': one('a.jpg'), 'a.jpg': [64, 48] });
    const dataset = await openDataset(root, { classes: ['dog', 'car'] });
    expect([...dataset.truth(0).labels]).toEqual([1]);
    const without = await openDataset(root, { classes: ['car'] });
    expect([without.length, without.truth(0).labels.length]).toEqual([1, 0]);
    expect(without.problems[0]!.message).toMatch(/class 'dog' is not in the list \(car\), 1 box skipped/);
  });
});
