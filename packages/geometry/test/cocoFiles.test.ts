import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { evaluateCoco, parseCocoAnnotations, parseCocoResults, type CocoStats } from '../src';

type Record = { [key: string]: unknown };
interface Files {
  annotations: { images: Record[]; categories: Record[]; annotations: Record[] };
  results: Record[];
}
interface Numbers {
  stats: CocoStats;
  recall: number[];
}

const { cases } = JSON.parse(readFileSync(new URL('goldens/cocoFiles.json', import.meta.url), 'utf8')) as {
  cases: [Files & Numbers, Numbers & { images: number[]; categories: number[] }, Files & Numbers];
};
const [numbers, part, names] = cases;

function measure(annotations: object, results: object, others?: 'drop') {
  const truth = parseCocoAnnotations(JSON.stringify(annotations), { boxFormat: 'xywh' });
  const detections = parseCocoResults(JSON.stringify(results), { ...truth, others });
  return evaluateCoco(truth.groundTruth, detections, truth);
}

function expectSame(measured: Numbers | ReturnType<typeof measure>, golden: Numbers): void {
  const differing = Object.entries(golden.stats).filter(
    ([name, value]) => !(Math.abs(measured.stats[name as 'AP'] - value) < 1e-9),
  );
  expect(differing).toEqual([]);
  expect(Array.from(measured.recall)).toEqual(golden.recall);
}

describe('a pair of files has the numbers of pycocotools', () => {
  test.each([
    ['numbers', numbers],
    ['text', names],
  ] as const)('ids are %s', (_, golden) => {
    expectSame(measure(golden.annotations, golden.results), golden);
  });

  test('and so have all results on a part of the images and categories, where others are dropped', () => {
    const { images, categories, annotations } = numbers.annotations;
    const inPart = (image: unknown, category: unknown) =>
      part.images.includes(image as number) && part.categories.includes(category as number);
    const few = {
      images: images.filter(({ id }) => inPart(id, part.categories[0])),
      categories: categories.filter(({ id }) => inPart(part.images[0], id)),
      annotations: annotations.filter(({ image_id, category_id }) => inPart(image_id, category_id)),
    };
    expectSame(measure(few, numbers.results, 'drop'), part);
    expect(() => measure(few, numbers.results)).toThrow("others: 'drop' leaves such detections out");
  });

  test('classes in the order of their ids, images too, whatever the order of the file', () => {
    const truth = parseCocoAnnotations(JSON.stringify(numbers.annotations));
    expect(truth.categoryIds).toEqual([3, 7, 18, 44, 90]);
    expect(truth.classes).toEqual(['class 3', 'class 7', 'class 18', 'class 44', 'class 90']);
    expect(truth.numClasses).toBe(5);
    expect(truth.imageIds.slice(0, 5)).toEqual([2, 5, 7, 9, 12]);
    const { perClass } = measure(numbers.annotations, numbers.results);
    expect(perClass.map(({ label, AP }) => [label, AP >= 0])).toEqual([
      [1, true],
      [2, false],
      [3, true],
      [4, false],
      [5, true],
    ]);
  });
});

const image = { id: 'a.jpg' };
const category = { id: 4, name: 'cat' };
const object = { image_id: 'a.jpg', category_id: 4, bbox: [10.1, 20, 32, 8] };
const fileOf = (changes: object) =>
  JSON.stringify({ images: [image], categories: [category], annotations: [object], ...changes });
const firstTruth = (...annotations: object[]) =>
  parseCocoAnnotations(fileOf({ annotations })).groundTruth[0]!;

describe('what an annotation says', () => {
  test('corners unless asked otherwise, and the area of the box where there is none', () => {
    const { boxes, area, labels } = firstTruth(object, { ...object, area: 17.5 }, { ...object, area: null });
    expect(Array.from(boxes.subarray(0, 4))).toEqual([10.1, 20, 42.1, 28]);
    expect(Array.from(area!)).toEqual([256, 17.5, 256]);
    expect(Array.from(labels)).toEqual([1, 1, 1]);
  });

  test('a crowd by 1 or true; what is to be ignored is difficult, but no crowd', () => {
    const { crowd, difficult } = firstTruth(
      object,
      { ...object, iscrowd: 0, ignore: 1 },
      { ...object, iscrowd: 1, ignore: 1 },
      { ...object, iscrowd: true },
    );
    expect(Array.from(crowd!)).toEqual([0, 0, 1, 1]);
    expect(Array.from(difficult!)).toEqual([0, 1, 0, 0]);
  });

  test('an image without objects is there; a category without a name has its id', () => {
    const { groundTruth, classes } = parseCocoAnnotations(
      fileOf({ images: [image, { id: 'b.jpg' }], categories: [{ id: 4 }] }),
    );
    expect(groundTruth.map(({ labels }) => labels.length)).toEqual([1, 0]);
    expect(classes).toEqual(['4']);
  });

  test('a byte order mark goes, before annotations and before results', () => {
    const truth = parseCocoAnnotations(`\uFEFF${fileOf({})}`);
    expect(parseCocoResults('\uFEFF[]', truth)).toHaveLength(1);
  });
});

describe('what is no annotation file is an error that says why', () => {
  test.each<[string, string]>([
    ['{', 'parseCocoAnnotations: the text is no JSON ('],
    ['{ "images": [NaN] }', 'NaN and Infinity are no JSON: drop such entries'],
    ['[]', "got none named 'images'; a list of detections is for parseCocoResults"],
    ['null', "must have the lists 'images', 'categories' and 'annotations', got none named 'images'"],
    [fileOf({ categories: undefined }), "got none named 'categories'"],
    [fileOf({ annotations: {} }), "got none named 'annotations'"],
    [
      fileOf({ images: [image, { file_name: 'b.jpg' }] }),
      'images must have an id, a number or text, got {"file_',
    ],
    [fileOf({ images: [image, image] }), 'images must have an id each, got "a.jpg" a second time at 1'],
    [
      fileOf({ categories: [category, category] }),
      'categories must have an id each, got 4 a second time at 1',
    ],
    [fileOf({ annotations: [object, 7] }), 'annotations[1] must be an object'],
    [
      fileOf({ annotations: [{ ...object, image_id: 1 }] }),
      'image_id 1 of annotation 0 is none of the file\'s images (1: "a.jpg")',
    ],
    [
      fileOf({ annotations: [{ ...object, category_id: '4' }] }),
      'category_id "4" of annotation 0 is none of the file\'s categories (1: 4)',
    ],
    [fileOf({ annotations: [{ ...object, bbox: [1, 2, 3] }] }), 'must have a bbox of 4 numbers'],
    [
      fileOf({ annotations: [{ ...object, bbox: undefined, segmentation: {} }] }),
      'masks alone are not measured',
    ],
    [fileOf({ annotations: [{ ...object, area: 'big' }] }), 'area must be a number, got "big" at 0'],
  ])('%s', (text, message) => {
    expect(() => parseCocoAnnotations(text)).toThrow(message);
  });

  test('what is no text', () => {
    const bytes = new TextEncoder().encode('[]') as unknown as string;
    expect(() => parseCocoAnnotations(bytes)).toThrow(
      "parseCocoAnnotations: text must be the file's content as a string, got Uint8Array; read it as UTF-8",
    );
    expect(() => parseCocoResults(bytes, { imageIds: [], categoryIds: [] })).toThrow('got Uint8Array');
  });
});
