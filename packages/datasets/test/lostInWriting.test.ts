import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDataset } from '../src/node';
import { memoryDataset, rejection } from './fixtures';
import { newFolder, write } from './writing';

describe('what a format has no room for', () => {
  const image = { data: new Uint8Array(20 * 10 * 3), width: 20, height: 10 };
  const truth = {
    boxes: Float32Array.of(1, 1, 9, 9, 2, 2, 6, 6, 3, 3, 4, 8),
    labels: Int32Array.of(1, 1, 1),
    crowd: Uint8Array.of(0, 1, 0),
    area: Float32Array.of(50, 12, 5),
  };
  const dataset = memoryDataset([{ id: 'a', image, truth }], ['cat']);

  test('COCO holds everything', async () => {
    const to = newFolder();
    expect((await write(dataset, to, { format: 'coco' })).problems).toEqual([]);
    const json = JSON.parse(readFileSync(join(to, 'annotations', 'instances_train.json'), 'utf8')) as {
      images: object[];
    };
    expect(json.images).toEqual([{ id: 1, file_name: 'a.png', width: 20, height: 10 }]);
    expect((await openDataset(to)).truth(0)).toEqual(truth);
  });

  const rich = memoryDataset(
    [{ id: 'a', image, truth: { ...truth, difficult: Uint8Array.of(1, 0, 1) } }],
    ['cat', 'cow', 'dog'],
  );

  test.each([
    ['coco', []],
    [
      'voc',
      [
        '1 object marked as a crowd: now difficult, which evaluation ignores too',
        'the area of 2 objects: VOC has boxes only',
        'the classes without an object (cow, dog): VOC has no list of classes',
      ],
    ],
    [
      'yolo',
      [
        "the mark 'difficult' of 2 objects: written as others are",
        'the area of 2 objects: YOLO has boxes only',
      ],
    ],
  ] as const)('%s says what can not be carried over', async (format, lost) => {
    expect((await write(rich, newFolder(), { format })).lost).toEqual(lost);
  });

  test('VOC: a crowd becomes difficult, a box of one pixel is named', async () => {
    const to = newFolder();
    const { problems } = await write(dataset, to, { format: 'voc' });
    expect(problems).toHaveLength(1);
    expect(problems[0]!.message).toMatch(
      /a\.xml: the box \[3, 3, 4, 8\] is no wider or higher than a pixel, box left out; write/,
    );
    const back = (await openDataset(to)).truth(0);
    expect([[...back.boxes], [...back.difficult!]]).toEqual([
      [1, 1, 9, 9, 2, 2, 6, 6],
      [0, 1],
    ]);
  });

  test('YOLO: a crowd is named', async () => {
    const to = newFolder();
    const { problems } = await write(dataset, to, { format: 'yolo' });
    expect(problems).toHaveLength(1);
    expect(problems[0]!.message).toMatch(
      /a\.txt: 1 crowd box left out, which YOLO can't mark; write COCO to keep them/,
    );
    expect((await openDataset(to)).truth(0).labels).toHaveLength(2);
  });

  test('YOLO: another list of classes in the same folder', async () => {
    const to = newFolder();
    await write(dataset, to, { format: 'yolo' });
    const other = write(memoryDataset([], ['dog']), to, { format: 'yolo', split: 'val' });
    expect((await rejection(other)).message).toMatch(
      /data\.yaml: its names are \["cat"\], the dataset's classes \["dog"\]; open/,
    );
  });
});
