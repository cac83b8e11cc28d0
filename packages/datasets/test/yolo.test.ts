import * as fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseYolo } from '../src/io/yolo/parseYolo';
import { openDataset } from '../src/node';
import { rejection, temporaryFolder, writeFiles } from './fixtures';

const place = { file: 'a.txt', size: { width: 200, height: 100 } };

describe('parseYolo', () => {
  test('fractions of centre and size become corners in pixels', () => {
    const { objects, problems } = parseYolo('3 0.5 0.5 0.1 0.25\n\n0\t.25 .5 .5 1\r\n', place);
    expect(problems).toEqual([]);
    expect(objects.map(({ classIndex, written }) => [classIndex, written])).toEqual([
      [3, '[0.5, 0.5, 0.1, 0.25]'],
      [0, '[0.25, 0.5, 0.5, 1]'],
    ]);
    [90, 37.5, 110, 62.5, 0, 0, 100, 100].forEach((edge, i) => {
      expect(objects[Math.floor(i / 4)]!.box[i % 4]).toBeCloseTo(edge, 10);
    });
  });

  test('an outline becomes its extent', () => {
    const { objects } = parseYolo('1 0.1 0.9 0.3 0.2 0.2 0.4', place);
    objects[0]!.box.forEach((value, i) => expect(value).toBeCloseTo([20, 20, 60, 90][i]!, 10));
  });

  test.each([
    ['0 .5 .5 .1', 'line 1 has 4 numbers, expected class x y width height'],
    ['0 .5 .5 .1 .1 .2 .3 .4', 'line 1 has 8 numbers, expected class x y width height'],
    ['0 .5 .5 .1 .1 1.2', "line 1 has 1.2, expected fractions of the picture's size"],
    ['cat .5 .5 .1 .1', "line 1 has class 'cat', expected 0, 1, …"],
    ['-1 .5 .5 .1 .1', "line 1 has class '-1', expected 0, 1, …"],
    ['0 120 80 30 30', "line 1 has 120, expected fractions of the picture's size"],
    ['0 .5 wide .1 .1', "line 1 has NaN, expected fractions of the picture's size"],
  ])('%s', (line, message) => {
    const { objects, problems } = parseYolo(`${line}\n1 .5 .5 .2 .2`, place);
    expect(objects).toHaveLength(1);
    expect(problems.map((problem) => problem.message)).toEqual([
      `a.txt: ${message}, box skipped; correct or delete that line`,
    ]);
  });

  test('no line is lost: each is an object with finite edges, a problem, or blank', () => {
    const number = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }).map(String), fc.string());
    const line = fc.array(number, { maxLength: 9 }).map((fields) => fields.join(' ').replace(/[\r\n]/g, ''));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const { objects, problems } = parseYolo(lines.join('\n'), place);
        expect(objects.every(({ box }) => box.every(Number.isFinite))).toBe(true);
        expect(objects.length + problems.length).toBe(lines.filter((text) => text.trim() !== '').length);
      }),
    );
  });
});

describe('layouts', () => {
  const label = '1 .5 .5 .5 .5';

  async function open(files: Parameters<typeof writeFiles>[1], options = {}): ReturnType<typeof openDataset> {
    return openDataset(await writeFiles(temporaryFolder(), files), { format: 'yolo', ...options });
  }

  test('ultralytics: data.yaml, names as a mapping, a path of another machine', async () => {
    const files = {
      'data.yaml':
        'path: ../datasets/cats\ntrain: images/train\nval: [images/val]\nnames:\n  0: dog\n  1: cat\n',
      'images/train/a.jpg': [40, 20],
      'labels/train/a.txt': label,
      'images/val/deep/b.png': [20, 20],
      'labels/val/deep/b.txt': '0 .5 .5 1 1',
      'images/val/none.png': [20, 20],
    } as const;
    const train = await open({ ...files } as never, { split: 'train' });
    expect(train).toMatchObject({ length: 1, classes: ['dog', 'cat'], problems: [] });
    expect([train.id(0), [...train.truth(0).labels], [...train.truth(0).boxes]]).toEqual([
      'a',
      [2],
      [10, 5, 30, 15],
    ]);
    const val = await open({ ...files } as never, { split: 'valid' });
    expect([val.id(0), val.id(1), val.truth(1).labels.length]).toEqual(['deep/b', 'none', 0]);
    const all = await open({ ...files } as never);
    expect([all.length, all.id(0)]).toEqual([3, 'train/a']);
  });

  test("Roboflow: a folder per split, '../' that isn't meant", async () => {
    const dataset = await open(
      {
        'data.yaml': 'train: ../train/images\nval: ../valid/images\nnames: [dog, cat]',
        'train/images/a.jpg': [40, 20],
        'train/labels/a.txt': label,
        'valid/images/a.jpg': [40, 20],
        'valid/labels/a.txt': label,
      },
      { split: 'val' },
    );
    expect([dataset.length, dataset.id(0), dataset.truth(0).labels.length]).toEqual([1, 'a', 1]);
  });

  test('darknet: a list of pictures, names in a file', async () => {
    const dataset = await open(
      {
        'data.yaml': 'train: train.txt\nnames: [dog, cat]',
        'train.txt': './pictures/a.jpg\n',
        'pictures/a.jpg': [40, 20],
        'pictures/a.txt': label,
        'pictures/b.jpg': [40, 20],
      },
      { split: 'train' },
    );
    expect([dataset.length, dataset.id(0), dataset.truth(0).labels.length]).toEqual([1, 'pictures/a', 1]);
    const flat = await open({ 'obj.names': 'dog\ncat\n', 'a.jpg': [40, 20], 'a.txt': label });
    expect([flat.classes, [...flat.truth(0).labels]]).toEqual([['dog', 'cat'], [2]]);
  });

  test('without data.yaml, folders are splits, and names may be given', async () => {
    const files = {
      'images/train/a.jpg': [40, 20],
      'labels/train/a.txt': label,
      'images/val/b.jpg': [40, 20],
      'labels/val/b.txt': label,
    } as never;
    const val = await open(files, { split: 'val', classes: ['dog', 'cat'] });
    expect([val.length, val.id(0), [...val.truth(0).labels]]).toEqual([1, 'b', [2]]);
    expect((await rejection(open(files, { split: 'test', classes: ['dog'] }))).message).toMatch(
      /there is no split 'test'; choose one of train, val$/,
    );
    expect((await rejection(open(files))).message).toMatch(
      /: no class names \(looked for a \.yaml with names, classes\.txt, obj\.names\); add one of them, or give `classes`/,
    );
  });

  test('a number without a name is reported as a class', async () => {
    const dataset = await open({ 'classes.txt': 'dog', 'a.jpg': [40, 20], 'a.txt': `${label}\n0 .5 .5 1 1` });
    expect(dataset.truth(0).labels.length).toBe(1);
    expect(dataset.problems[0]!.message).toMatch(
      /a\.txt: class 'number 1' is not in the list \(dog\), 1 box skipped/,
    );
  });

  test('no labels at all is an error, not a dataset of backgrounds', async () => {
    const opened = open({
      'data.yaml': 'train: images\nnames: [a]',
      'images/a.jpg': [40, 20],
      'lab/a.txt': label,
    });
    expect((await rejection(opened)).message).toMatch(
      /none of its pictures has a label file \(the first looked for is .*labels.a\.txt\); put labels\/ beside images\//,
    );
  });

  test.each([
    ['names: [a\ntrain: b', /data\.yaml: the file is not YAML \(.*\); it needs train, val .* and names/],
    ['just text', /data\.yaml: the file is not a YAML mapping; it needs/],
    ['names: cat', /data\.yaml: the file has names 'cat'; it needs/],
    ['names: [{toString: cat}]', /data\.yaml: the file has no text as name 0; it needs/],
    ['names: {cat: 1}', /data\.yaml: the file has names with index 'cat'; it needs/],
  ])('a data.yaml of %j', async (yaml, message) => {
    expect((await rejection(open({ 'data.yaml': yaml, 'images/a.jpg': [9, 9] }))).message).toMatch(message);
  });

  test('a picture that can not be read costs its sample only', async () => {
    const dataset = await open({
      'classes.txt': 'dog\ncat',
      'a.jpg': [40, 20],
      'a.txt': label,
      'b.jpg': 'no picture',
      'b.txt': label,
    });
    expect([dataset.length, dataset.id(0)]).toEqual([1, 'a']);
    expect(dataset.problems[0]!.message).toMatch(
      /b\.jpg: the picture can't be decoded \(.*\); replace it, or take it out of the dataset/,
    );
    expect(dataset.problems[0]!.file).toMatch(/b\.jpg$/);
    expect(join(dataset.imageFile(0))).toMatch(/a\.jpg$/);
  });
});
