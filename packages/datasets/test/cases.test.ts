import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openDataset, type FileDataset, type OpenDatasetOptions } from '../src/node';
import { rejection } from './fixtures';
import { needsSharedData, noSharedData, sharedData } from './shared';

const cases = fileURLToPath(new URL('../../../../shared/cases', import.meta.url));
const missing = !existsSync(cases);
if (missing) console.warn('datasets: ../shared/cases is missing, tests on reported data sets are skipped');

/** `id: class x1 y1 x2 y2, …` a sample, rounded to hundredths of a pixel. */
function summary(dataset: FileDataset): string[] {
  return Array.from({ length: dataset.length }, (_, i) => {
    const { boxes, labels } = dataset.truth(i);
    const objects = [...labels].map((label, k) =>
      [
        dataset.classes[label - 1],
        ...[...boxes.subarray(4 * k, 4 * k + 4)].map((edge) => Number(edge.toFixed(2))),
      ].join(' '),
    );
    return `${dataset.id(i)}: ${objects.join(', ')}`;
  });
}

const usual = '10 10 40 30';
const yolo = '12.8 9.6 38.4 28.8';
const middle = '256 192 384 288';

// Folder, format, samples, and what each problem says.
const expected: [string, string, string[], RegExp[]?, OpenDatasetOptions?][] = [
  ['03-text-encodings/bom-json', 'coco', [`a: cat ${usual}`]],
  ['03-text-encodings/bom-xml', 'voc', [`1: 猫 ${usual}`]],
  ['03-text-encodings/gbk', 'voc', [`0: 人 ${usual}`, `1: 车 ${usual}`]],
  ['03-text-encodings/latin1', 'voc', [`0: grün ${usual}`, `1: grön ${usual}`]],
  ['03-text-encodings/utf16-json', 'coco', [`a: cat ${usual}`]],
  ['03-text-encodings/utf16-xml', 'voc', [`1: 猫 ${usual}`]],
  ['03-text-encodings/utf16-label', 'yolo', [`1: a ${middle}`], [], { split: 'train' }],
  [
    '03-text-encodings/gbk-nodecl',
    'voc',
    [`0: è ${usual}`],
    [
      /1\.xml: the text is not UTF-8; save/,
      /0\.xml: the name 'è' may be text of another encoding/,
      /1 picture without/,
    ],
  ],
  ...['nested', 'nested-noyaml'].map((name): (typeof expected)[number] => [
    `04-nested-picture-folders/${name}`,
    'yolo',
    ['train/0', 'train/2025/1', 'train/2025/jan/01/3', 'train/2025/jan/2'].map((id) => `${id}: cat ${yolo}`),
  ]),
  ['05-bmp-pictures/bmp', 'yolo', ['1', '2', '3'].map((id) => `train/${id}: cat ${yolo}`)],
  ['05-bmp-pictures/bmp-voc', 'voc', [`1: cat ${usual}`]],
  ...['pose', 'pose3', 'pose3v1'].map((name): (typeof expected)[number] => [
    `06-pose-labels/${name}`,
    'yolo',
    [`train/1: card ${middle}`],
  ]),
  ['07-objects-on-one-line', 'yolo', [`train/1: a ${middle}, a 96 72 160 120, b 480 360 544 408`]],
  ['08-coco-ids/big-ids', 'coco', ['a: cat 1 1 11 11', 'b: dog 30 20 40 30']],
  ['08-coco-ids/string-ids', 'coco', [`a: cat ${usual}`]],
  ['08-coco-ids/no-image-id', 'coco', ['a: cat 1 1 11 11', 'b: dog 30 20 40 30']],
  [
    '08-coco-ids/dup-file',
    'coco',
    ['a: cat 1 1 11 11, dog 30 20 40 30'],
    [/image 2 has the file_name 'a\.jpg' of another/],
  ],
  [
    '08-coco-ids/dup-cat-id',
    'coco',
    ['a: '],
    [/category 1 has 2 names \(cat, dog\)/, /annotation 1 .* may be cat or dog/],
  ],
  [
    '11-one-bad-object/one-bad-object',
    'voc',
    ['1', '2', '3', '4'].map((id) => `${id}: cat ${usual}`),
    [
      /1\.xml: object 2 \('dog'\) has a <polygon>/,
      /2\.xml: object 2 \('dog'\) has <xmin> 'nan'/,
      /3\.xml: object 2 has no <name>/,
    ],
  ],
  [
    '11-one-bad-object/robndbox',
    'voc',
    [`1: cat ${usual}`],
    [/object 2 \('ship'\) has a rotated <robndbox>.*export upright/],
  ],
  // 64×48 as stored, seen as 48×64: x = 48 − y, y = x.
  ['12-exif-raw-size/exif-raw-coco', 'coco', ['a: cat 18 10 38 40']],
  ['12-exif-raw-size/exif-raw-voc', 'voc', ['1: cat 18 10 38 40']],
  ['13-label-studio-yolo', 'yolo', [`a: cat ${yolo}`]],
  ['14-kaggle-voc-layouts/kaggle-lower', 'voc', [`road0: stop ${usual}`]],
  [
    '14-kaggle-voc-layouts/split-subfolders',
    'voc',
    [`test/test1: stop ${usual}`, `train/train1: stop ${usual}`],
  ],
  ['14-kaggle-voc-layouts/split-subfolders', 'voc', [`test/test1: stop ${usual}`], [], { split: 'test' }],
  ['16-below-images', 'yolo', [`farm/1: cat ${yolo}`]],
  ['16-below-images/images/farm', 'yolo', [`1: cat ${yolo}`]],
  ['18-coco-loose-fields/absolute', 'coco', [`a: cat ${usual}`]],
  ['18-coco-loose-fields/backslash', 'coco', [`images/a: cat ${usual}`]],
  ['18-coco-loose-fields/lvis', 'coco', [`a: cat ${usual}`]],
  ['18-coco-loose-fields/mixed-folders', 'coco', [`a: cat ${usual}`, `b: cat ${usual}`]],
  ['18-coco-loose-fields/nan', 'coco', [`a: cat ${usual}`]],
  [
    '18-coco-loose-fields/no-bbox',
    'coco',
    [`a: cat ${usual}, cat ${usual}`],
    [/annotation 2 has bbox \[\].*no polygon/],
  ],
  ['18-coco-loose-fields/no-size', 'coco', [`a: cat ${usual}`]],
  ['18-coco-loose-fields/null-size', 'coco', [`a: cat ${usual}`, `b: cat ${usual}`]],
  ['18-coco-loose-fields/string-bbox', 'coco', [`a: cat ${usual}`]],
  ['18-coco-loose-fields/url-quoted', 'coco', [`my cat: cat ${usual}`]],
  ['20-foreign-annotations/cvat-images', 'cvat', [`1: cat ${usual}`]],
  ['90-handled-well-yolo/conf', 'yolo', [`train/1: cat ${yolo}`], [/1 box with a sixth number.*confidence/]],
  ['90-handled-well-yolo/crlf-bom', 'yolo', [`train/1: a ${middle}, b 96 72 160 120`]],
  ['90-handled-well-yolo/cvat-yolo', 'yolo', [`obj_train_data/frame_0: cat ${yolo}`]],
  ['90-handled-well-yolo/cvat-yolo', 'yolo', [`obj_train_data/frame_0: cat ${yolo}`], [], { split: 'train' }],
  ['90-handled-well-yolo/name-spaces-split', 'yolo', [`1: cat ${yolo}`], [], { split: 'train' }],
  ['90-handled-well-yolo/obb', 'yolo', [`train/1: a ${middle}`]],
  ['90-handled-well-yolo/path-parent', 'yolo', [`train/1: cat ${yolo}`]],
  ['90-handled-well-yolo/seg-mixed', 'yolo', [`train/1: a ${middle}, a 64 48 128 144`]],
];

describe.skipIf(missing)(`reported data sets${missing ? ' (SKIPPED: no ../shared/cases)' : ''}`, () => {
  test.each(expected)('%s is %s', async (folder, format, samples, problems = [], options = {}) => {
    const dataset = await openDataset(join(cases, folder), options);
    expect([dataset.format, summary(dataset)]).toEqual([format, samples]);
    expect(dataset.problems.map(({ message }) => message)).toEqual(
      problems.map((pattern) => expect.stringMatching(pattern) as string),
    );
    for (let i = 0; i < dataset.length; i++) {
      const { image } = await dataset.get(i);
      expect({ width: image.width, height: image.height }).toEqual(dataset.size(i));
    }
  });

  test('20: forty labelme files', async () => {
    const dataset = await openDataset(join(cases, '20-foreign-annotations/labelme'));
    expect([dataset.format, dataset.length, dataset.problems]).toEqual(['labelme', 40, []]);
    expect(summary(dataset)[2]).toBe(`picture_002: cat ${usual}`);
  });

  test.each([
    ['03-text-encodings/gbk-coco', /annotations\.json: the text is not UTF-8; save it as UTF-8/],
    ['03-text-encodings/gbk-names', /classes\.txt: the text is not UTF-8; save it as UTF-8/],
    [
      '08-coco-ids/dup-image-id',
      /no usable coco sample.*of 4 problems: .*annotation 1 belongs to image 1, an id of several/,
    ],
    [
      '08-coco-ids/no-image-id-both',
      /no usable coco sample.*of 4 problems: .*annotation 1 belongs to no image/,
    ],
  ])('%s is refused with the reason', async (folder, message) => {
    expect((await rejection(openDataset(join(cases, folder)))).message).toMatch(message);
  });
});

test.skipIf(noSharedData)(`kangaroo opens as it is published${needsSharedData}`, async () => {
  const dataset = await openDataset(join(sharedData, 'kangaroo'));
  const boxes = Array.from({ length: dataset.length }, (_, i) => dataset.truth(i).labels.length);
  expect([dataset.format, dataset.length, boxes.reduce((a, b) => a + b, 0)]).toEqual(['voc', 164, 266]);
  const byHand = await openDataset(join(sharedData, 'kangaroo'), { images: 'images', annotations: 'annots' });
  expect([byHand.length, byHand.classes, byHand.problems]).toEqual([164, dataset.classes, []]);
});
