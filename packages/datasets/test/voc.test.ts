import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SampleError } from '../src';
import { openDataset } from '../src/node';
import { picture, rejection, temporaryFolder, vocXml, writeFiles } from './fixtures';

describe('layouts', () => {
  const cat = vocXml([{ name: 'cat', box: [1, 1, 20, 20] }]);
  const dog = vocXml([{ name: 'dog', box: [1, 1, 20, 20] }]);

  test('devkit: split lists, class lists with a second column, classes of all splits', async () => {
    const root = await writeFiles(join(temporaryFolder(), 'VOC2007'), {
      'Annotations/a.xml': dog,
      'Annotations/b.xml': cat,
      'Annotations/._b.xml': 'a file that macOS leaves',
      'JPEGImages/a.jpg': [64, 48],
      'JPEGImages/b.JPG': [64, 48],
      'ImageSets/Main/train.txt': 'a\n',
      'ImageSets/Main/val.txt': '\r\nb\r\n',
      'ImageSets/Main/cat_val.txt': 'a -1\nb  1\n',
    });
    const train = await openDataset(root, { split: 'train' });
    expect(train).toMatchObject({ name: 'VOC2007', length: 1, classes: ['cat', 'dog'], problems: [] });
    expect([...train.truth(0).labels]).toEqual([2]);
    const val = await openDataset(root, { split: 'valid' });
    expect([val.id(0), val.imageFile(0)]).toEqual(['b', join(root, 'JPEGImages', 'b.JPG')]);
    expect((await openDataset(root, { split: 'cat_val' })).length).toBe(2);
    expect((await openDataset(root)).length).toBe(2);
  });

  test('Roboflow: a folder per split', async () => {
    const root = await writeFiles(temporaryFolder(), {
      'train/a.xml': cat,
      'train/a.jpg': [64, 48],
      'valid/a.xml': dog,
      'valid/a.jpg': [64, 48],
    });
    const val = await openDataset(root, { split: 'val' });
    expect(val).toMatchObject({ length: 1, classes: ['cat', 'dog'] });
    expect([val.id(0), [...val.truth(0).labels]]).toEqual(['valid/a', [2]]);
    const both = await openDataset(root);
    expect([both.length, both.id(0), both.id(1)]).toEqual([2, 'train/a', 'valid/a']);
  });

  test('labelImg: XML beside the pictures; a size of 0 is read from the picture', async () => {
    const root = await writeFiles(temporaryFolder(), {
      'a.xml': vocXml([{ name: 'cat', box: [1, 1, 200, 20] }], { width: 0, height: 0 }),
      'a.png': [30, 40],
    });
    const dataset = await openDataset(root);
    expect([...dataset.truth(0).boxes]).toEqual([0, 0, 30, 20]);
    expect(await dataset.get(0)).toMatchObject({ id: 'a', image: { width: 30, height: 40 } });
  });
});

describe('bad samples', () => {
  const good = { name: 'cat', box: [1, 1, 20, 20] } as const;

  async function open(files: Parameters<typeof writeFiles>[1], options = {}): ReturnType<typeof openDataset> {
    const root = await writeFiles(temporaryFolder(), {
      'Annotations/good.xml': vocXml([good]),
      'JPEGImages/good.jpg': [64, 48],
      ...files,
    });
    return openDataset(root, options);
  }

  test.each([
    ['empty', [5, 5, 5, 9], "the box [5, 5, 5, 9] of 'cat' has no area (64×48), box skipped; draw it again"],
    [
      'backwards',
      [9, 5, 5, 9],
      "the box [9, 5, 5, 9] of 'cat' has no area (64×48), box skipped; draw it again",
    ],
    [
      'outside',
      [70, 5, 90, 9],
      "the box [70, 5, 90, 9] of 'cat' lies outside the picture (64×48), box skipped; draw",
    ],
  ] as const)('a box that is %s is left out, the rest of the sample stays', async (_name, box, message) => {
    const dataset = await open({
      'Annotations/bad.xml': vocXml([{ name: 'cat', box }, good]),
      'JPEGImages/bad.jpg': [64, 48],
    });
    expect(dataset.length).toBe(2);
    expect([...dataset.truth(0).boxes]).toEqual([0, 0, 20, 20]);
    expect(dataset.problems).toHaveLength(1);
    expect(dataset.problems[0]!.file).toMatch(/bad\.xml$/);
    expect(dataset.problems[0]!.message).toContain(`bad.xml: ${message}`);
  });

  test('a box that reaches over the border is clipped without a word', async () => {
    const dataset = await open({
      'Annotations/edge.xml': vocXml([{ name: 'cat', box: [0, 0, 65, 49] }]),
      'JPEGImages/edge.jpg': [64, 48],
    });
    expect([[...dataset.truth(0).boxes], dataset.problems]).toEqual([[0, 0, 64, 48], []]);
  });

  test.each([
    [
      'no XML',
      'Annotations/bad.xml',
      '<annotation><object>',
      /bad\.xml: the annotation is not XML \(line 1: .*\), sample/,
    ],
    [
      'another XML',
      'Annotations/bad.xml',
      '<svg/>',
      /bad\.xml: the annotation has no <annotation>, sample skipped; repair/,
    ],
    [
      'no picture',
      'Annotations/bad.xml',
      vocXml([good]),
      /bad\.xml: its picture is missing \(there is no picture 'x\.jpg'\), sample skipped; put/,
    ],
  ] as const)('an annotation with %s costs its sample only', async (_name, file, content, message) => {
    const dataset = await open({ [file]: content });
    expect([dataset.length, dataset.id(0)]).toEqual([1, 'good']);
    expect(dataset.problems).toHaveLength(1);
    expect(dataset.problems[0]!.message).toMatch(message);
  });

  test('a split that names a missing annotation', async () => {
    const dataset = await open({ 'ImageSets/Main/train.txt': 'good\ngone\n' }, { split: 'train' });
    expect(dataset.length).toBe(1);
    expect(dataset.problems[0]!.message).toMatch(
      /Annotations.gone\.xml: the annotation is missing or unreadable, sample skipped; put/,
    );
  });

  test('a class that is not in the list is reported once, with its number of boxes', async () => {
    const dog = { name: 'dog', box: [1, 1, 9, 9] } as const;
    const dataset = await open(
      {
        'Annotations/more.xml': vocXml([dog, good, dog]),
        'JPEGImages/more.jpg': [64, 48],
        'Annotations/still.xml': vocXml([dog]),
        'JPEGImages/still.jpg': [64, 48],
      },
      { classes: ['cat', 'horse'] },
    );
    expect([dataset.length, dataset.truth(1).labels.length]).toEqual([3, 1]);
    expect(dataset.problems.map(({ message }) => message.replace(/^.*more\.xml/, 'more.xml'))).toEqual([
      "more.xml: class 'dog' is not in the list (cat, horse), 3 boxes skipped, the first in this file; " +
        "add 'dog' to the classes, or rename it in the annotations",
    ]);
  });

  test('a truncated picture is an error of get, and of opening where strict', async () => {
    const whole = await picture(64, 48);
    const files = {
      'Annotations/cut.xml': vocXml([good]),
      'JPEGImages/cut.jpg': whole.subarray(0, whole.length * 0.6),
    };
    const dataset = await open(files);
    expect([dataset.length, dataset.problems]).toEqual([2, []]);
    const error = await rejection(dataset.get(0));
    expect(error).toBeInstanceOf(SampleError);
    expect(error.message).toMatch(/cut\.jpg: the picture can't be decoded/);
    expect((await dataset.get(1)).id).toBe('good');
    const strict = (await rejection(open(files, { strict: true }))) as AggregateError;
    expect(strict.errors).toHaveLength(1);
    expect(strict.message).toMatch(
      /^openDataset: 1 problem in .* \(strict\)\n.*cut\.jpg: the picture can't be decoded/,
    );
  });

  test.each([
    ['no name', vocXml([{ ...good, name: '' }, good]), 'object 1 has no <name>'],
    [
      'no number',
      vocXml([good, good]).replace('<xmax>20', '<xmax>wide'),
      "object 1 ('cat') has <xmax> 'wide'",
    ],
    ['a corner less', vocXml([good, good]).replace('<ymin>1</ymin>', ''), "object 1 ('cat') has <ymin> ''"],
  ])('an object with %s costs itself only', async (_name, xml, message) => {
    const dataset = await open({ 'Annotations/bad.xml': xml, 'JPEGImages/bad.jpg': [64, 48] });
    expect([dataset.length, dataset.id(0), [...dataset.truth(0).boxes]]).toEqual([2, 'bad', [0, 0, 20, 20]]);
    expect(dataset.problems.map(({ kind }) => kind)).toEqual(['object']);
    expect(dataset.problems[0]!.message).toContain(
      `bad.xml: ${message}, object skipped; correct or delete that object`,
    );
  });

  test('a picture of another size than annotated', async () => {
    const dataset = await open({ 'Annotations/s.xml': vocXml([good]), 'JPEGImages/s.jpg': [30, 30] });
    expect([dataset.length, dataset.id(0)]).toEqual([1, 'good']);
    expect(dataset.problems[0]!.message).toMatch(
      /s\.xml: it was made for 64×48 pixels, but .*s\.jpg has 30×30, sample skipped; annotate the picture again, or/,
    );
  });

  test('the index is checked', async () => {
    const dataset = await open({});
    expect(() => dataset.id(1)).toThrow(/index must be in \[0, 1\), got 1/);
    expect((await rejection(dataset.get(-1))).message).toMatch(/got -1/);
  });
});
