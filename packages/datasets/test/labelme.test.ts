import { describe, expect, test } from 'vitest';
import { parseLabelme } from '../src/io/labelme/parseLabelme';
import { openDataset } from '../src/node';
import { rejection, temporaryFolder, writeFiles } from './fixtures';

type Points = [number, number][];
const shape = (type: string | undefined, points: Points, rest: object = {}): object => ({
  label: 'cat',
  points,
  shape_type: type,
  ...rest,
});
const json = (shapes: object[], rest: object = {}): string =>
  JSON.stringify({
    version: '5.4',
    flags: {},
    shapes,
    imagePath: 'a.jpg',
    imageWidth: 64,
    imageHeight: 48,
    ...rest,
  });
const boxes = (shapes: object[]): unknown[] =>
  parseLabelme(json(shapes), 'f.json').objects.map(({ box }) => [...box]);

describe('parseLabelme', () => {
  test.each([
    [
      'rectangle',
      [
        [40, 30],
        [10, 20],
      ],
      [10, 20, 40, 30],
    ],
    [
      'rectangle',
      [
        [10, 20],
        [40, 20],
        [40, 30],
        [10, 30],
      ],
      [10, 20, 40, 30],
    ],
    [
      'polygon',
      [
        [10, 20],
        [40, 25],
        [12, 33],
      ],
      [10, 20, 40, 33],
    ],
    [
      undefined,
      [
        [10, 20],
        [40, 25],
        [12, 33],
      ],
      [10, 20, 40, 33],
    ],
    [
      'circle',
      [
        [20, 25],
        [23, 29],
      ],
      [15, 20, 25, 30],
    ],
    [
      'mask',
      [
        [10, 20],
        [40, 30],
      ],
      [10, 20, 40, 30],
    ],
    [
      'rotation',
      [
        [10, 20],
        [20, 10],
        [30, 20],
        [20, 30],
      ],
      [10, 10, 30, 30],
    ],
  ] as [string | undefined, Points, number[]][])('a %s %j is %j', (type, points, box) => {
    expect(boxes([shape(type, points)])).toEqual([box]);
  });

  test.each([
    [
      shape('line', [
        [1, 1],
        [2, 2],
      ]),
      "('cat') is a line, which has no box",
    ],
    [shape('point', [[1, 1]]), "('cat') is a point, which has no box"],
    [shape('circle', [[1, 1]]), "('cat') has points [[1,1]], which make no circle"],
    [shape('polygon', []), "('cat') has points [], which make no polygon"],
    [{ label: ' ', points: [] }, 'has no label'],
    [{ label: null, points: [] }, 'has no label'],
    [null, 'is not an object'],
  ] as [object, string][])('%j costs itself only', (bad, message) => {
    const good = shape('rectangle', [
      [1, 2],
      [3, 4],
    ]);
    const { objects, problems } = parseLabelme(json([bad, good]), 'f.json');
    expect(objects.map(({ box }) => [...box])).toEqual([[1, 2, 3, 4]]);
    expect(problems.map((problem) => [problem.kind, problem.message])).toEqual([
      ['object', `f.json: shape 1 ${message}, object skipped; correct or delete that shape`],
    ]);
  });

  test.each([
    [{}, { width: 64, height: 48 }, 'a.jpg'],
    [{ imageHeight: 0, imagePath: '' }, undefined, undefined],
    [{ imageWidth: -64, imagePath: 7 }, undefined, undefined],
    [{ imageWidth: '64', imageHeight: null }, undefined, 'a.jpg'],
  ])('with %j the size is %j, the picture %j', (rest, size, imagePath) => {
    expect(parseLabelme(json([], rest), 'f.json')).toMatchObject({ size, imagePath });
  });

  test('shapes of one label and group are one object, as in labelme2coco', () => {
    const parts = [
      shape(
        'polygon',
        [
          [1, 2],
          [5, 2],
          [5, 9],
        ],
        { group_id: 1 },
      ),
      shape(
        'polygon',
        [
          [20, 20],
          [25, 22],
          [21, 30],
        ],
        { group_id: 1 },
      ),
      shape(
        'polygon',
        [
          [30, 20],
          [35, 22],
          [31, 30],
        ],
        { group_id: 2 },
      ),
      shape(
        'polygon',
        [
          [40, 2],
          [45, 2],
          [45, 9],
        ],
        { group_id: null },
      ),
      shape('polygon', [
        [50, 2],
        [55, 2],
        [55, 9],
      ]),
    ];
    expect(boxes(parts)).toEqual([
      [1, 2, 25, 30],
      [30, 20, 35, 30],
      [40, 2, 45, 9],
      [50, 2, 55, 9],
    ]);
  });
});

test('folders, splits, names of Windows, X-AnyLabeling’s difficult; a sample of its own for each file', async () => {
  const one = (left: number, rest: object = {}): string =>
    json(
      [
        shape(
          'rectangle',
          [
            [left, 2],
            [left + 10, 20],
          ],
          { difficult: left === 2 },
        ),
      ],
      rest,
    );
  const root = await writeFiles(temporaryFolder(), {
    'train/annotations/a.json': one(1, { imagePath: '..\\images\\a.jpg' }),
    'train/images/a.jpg': [64, 48],
    'val/annotations/a.json': one(2),
    'val/images/a.jpg': [64, 48],
    'val/annotations/b.json': one(3, { imagePath: 'gone.jpg' }),
    'summary.json': '{"made": "by hand"}',
  });
  const dataset = await openDataset(root);
  expect([dataset.format, dataset.length, dataset.classes]).toEqual(['labelme', 2, ['cat']]);
  expect(
    [0, 1].map((i) => [dataset.id(i), [...dataset.truth(i).boxes], dataset.truth(i).difficult?.[0]]),
  ).toEqual([
    ['train/a', [1, 2, 11, 20], undefined],
    ['val/a', [2, 2, 12, 20], 1],
  ]);
  expect(dataset.problems.map(({ message }) => message.slice(root.length + 1))).toEqual([
    "val/annotations/b.json: its picture 'gone.jpg' is missing, sample skipped; put the picture there, or delete the annotation",
  ]);
  expect((await openDataset(root, { split: 'valid' })).id(0)).toBe('val/a');
  expect((await rejection(openDataset(root, { split: 'test' }))).message).toMatch(
    /no split 'test'; choose one of train, val$/,
  );
});
