import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AnnotatedImage, AnnotatedObject } from '../src/io/annotations';
import { idOf } from '../src/io/coco/cocoId';
import { createFileDataset } from '../src/io/fileDataset';
import { toGroundTruth } from '../src/io/groundTruth';
import { requirePixels } from '../src/io/requirePixels';
import { temporaryFolder, writeFiles } from './fixtures';

const object = (box: AnnotatedObject['box'], rest: Partial<AnnotatedObject> = {}): AnnotatedObject => ({
  name: 'cat',
  box,
  written: `[${box.join(', ')}]`,
  ...rest,
});
const annotated = (objects: AnnotatedObject[], rest: Partial<AnnotatedImage> = {}): AnnotatedImage => ({
  id: 'a',
  image: 'a.jpg',
  file: 'a.json',
  objects,
  ...rest,
});

describe('toGroundTruth', () => {
  const size = { width: 64, height: 48 };
  const truthOf = (objects: AnnotatedObject[]) =>
    toGroundTruth(annotated(objects), { size, classes: ['cat'], problems: [], unlisted: new Map() });

  test('flags and areas are there where one object has them, for all that are kept', () => {
    const gone = object([5, 5, 5, 9], { area: 1, difficult: true });
    const plain = object([10, 10, 30, 15]);
    expect(Object.keys(truthOf([plain, gone]))).toEqual(['boxes', 'labels']);
    const { area, difficult, crowd } = truthOf([
      plain,
      gone,
      object([1, 2, 9, 8], { area: 7.25, difficult: true }),
      object([1, 2, 9, 8], { area: 0, crowd: true }),
    ]);
    expect([...area!]).toEqual([100, 7.25, 0]); // of a box where the file has none
    expect([...difficult!]).toEqual([0, 1, 0]);
    expect([...crowd!]).toEqual([0, 0, 1]);
  });
});

describe('requirePixels', () => {
  const check = (...boxes: AnnotatedObject['box'][]) =>
    requirePixels([annotated([]), annotated(boxes.map((box) => object(box)))]);

  test('fractions of the picture are refused', () => {
    expect(() => check([0.1, 0.2, 0.5, 0.9], [0, 0, 1, 1])).toThrow(
      /a\.json: every box lies within the first pixel .* \(the first \[0\.1, 0\.2, 0\.5, 0\.9\]\)/,
    );
    expect(() => check([-0.9, -0.8, 0.5, 0.9])).toThrow(/first pixel/); // VOC's corners, less 1
  });

  test.each<[string, AnnotatedObject['box']]>([
    ['to the right', [0.1, 0.2, 1.5, 0.9]],
    ['below', [0.1, 0.2, 0.5, 1.9]],
    ['to the left', [-1.5, 0.2, 0.5, 0.9]],
    ['above', [0.1, -1.5, 0.5, 0.9]],
    ['without width', [0.5, 0.2, 0.5, 0.9]],
    ['without height', [0.1, 0.9, 0.5, 0.9]],
  ])('one box that is %s of the first pixel: all are pixels', (_, box) => {
    expect(() => check([0.1, 0.2, 0.5, 0.9], box)).not.toThrow();
  });

  test('whole numbers are pixels', () => {
    expect(() => check([0, 0, 1, 1])).not.toThrow();
    expect(() => requirePixels([annotated([])])).not.toThrow();
  });
});

test('of a picture that two files claim each names the other, by its id where they are in one file', async () => {
  const root = await writeFiles(temporaryFolder(), { 'a.jpg': [64, 48] });
  const image = join(root, 'a.jpg');
  const problemsOf = async (...images: Partial<AnnotatedImage>[]) => {
    const annotations = {
      name: 'd',
      classes: ['cat'],
      images: images.map((one) => annotated([], { image, ...one })),
    };
    const dataset = await createFileDataset({ ...annotations, problems: [] }, { format: 'labelme' });
    expect(dataset.length).toBe(0);
    return dataset.problems.map(({ message }) => message.replace(image, 'IT').replace(/ too.*/, ''));
  };
  expect(await problemsOf({ file: 'x.json' }, { file: 'y.json' })).toEqual([
    'x.json: its picture IT is that of y.json',
    'y.json: its picture IT is that of x.json',
  ]);
  expect(await problemsOf({ id: 'one' }, { id: 'two' })).toEqual([
    "a.json: its picture IT is that of 'two'",
    "a.json: its picture IT is that of 'one'",
  ]);
});

test.each([
  [1, '1'],
  ['1', '1'],
  [' 007 ', '7'],
  ['1.0', '1'],
  ['-3', '-3'],
  ['a1', 'a1'],
  ['', undefined],
  [null, undefined],
  [true, undefined],
  [undefined, undefined],
  [{ $oid: 'f0' }, '{"$oid":"f0"}'],
])('the COCO id %j is %j', (value, text) => {
  expect(idOf(value)).toBe(text);
});
