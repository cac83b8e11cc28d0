import { describe, expect, test } from 'vitest';
import { openDataset } from '../src/node';
import { encode, utf16 } from './encode';
import { rejection, temporaryFolder, vocXml, writeFiles } from './fixtures';

describe('in data sets', () => {
  const box = [11, 11, 40, 30] as const;
  const label = '0 .5 .5 .5 .5\r\n1 .5 .5 .2 .2';
  const coco = (name: string): string =>
    JSON.stringify({
      images: [{ id: 1, file_name: 'a.jpg', width: 64, height: 48 }],
      annotations: [{ id: 1, image_id: 1, category_id: 1, bbox: [10, 10, 30, 20] }],
      categories: [{ id: 1, name }],
    });

  test.each(['utf-16', 'utf-8 with a mark'])(
    'class lists, labels, data.yaml, split lists, JSON in %s',
    async (as) => {
      const write = (text: string): Uint8Array =>
        as === 'utf-16' ? utf16(text) : Buffer.from(`\uFEFF${text}`);
      const folder = await writeFiles(temporaryFolder(), {
        'lists/classes.txt': write('人\n车\n'),
        'lists/a.jpg': [64, 48],
        'lists/a.txt': write(label),
        'yaml/data.yaml': write('train: images\nnames: [人, 车]\n'),
        'yaml/images/a.jpg': [64, 48],
        'yaml/labels/a.txt': write(label),
        'voc/Annotations/a.xml': write(
          vocXml([
            { name: '人', box },
            { name: '车', box },
          ]),
        ),
        'voc/JPEGImages/a.jpg': [64, 48],
        'voc/ImageSets/Main/train.txt': write('a\n'),
        'coco/a.json': write(coco('人')),
        'coco/a.jpg': [64, 48],
        'labelme/a.json': write(
          JSON.stringify({
            shapes: [
              {
                label: '人',
                points: [
                  [1, 1],
                  [9, 9],
                ],
                shape_type: 'rectangle',
              },
            ],
            imagePath: 'a.jpg',
          }),
        ),
        'labelme/a.jpg': [64, 48],
        'cvat/annotations.xml': write(
          '<annotations><image id="0" name="a.jpg" width="64" height="48"><box label="人" xtl="1" ytl="1" xbr="9" ybr="9"/></image></annotations>',
        ),
        'cvat/a.jpg': [64, 48],
      });
      for (const [name, split] of [['lists'], ['yaml', 'train'], ['voc', 'train']] as const) {
        const dataset = await openDataset(`${folder}/${name}`, { split });
        expect([name, dataset.classes, [...dataset.truth(0).labels]]).toEqual([name, ['人', '车'], [1, 2]]);
        expect(dataset.problems).toEqual([]);
      }
      for (const name of ['coco', 'labelme', 'cvat']) {
        const dataset = await openDataset(`${folder}/${name}`);
        expect([name, dataset.format, dataset.classes, dataset.problems]).toEqual([name, name, ['人'], []]);
      }
    },
  );

  test('GBK without a word is an error of the file, in every place; nothing becomes one class', async () => {
    const gbk = (text: string): Uint8Array => encode(text, 'gbk');
    const folder = await writeFiles(temporaryFolder(), {
      'lists/classes.txt': gbk('人\n车\n'),
      'lists/a.jpg': [64, 48],
      'lists/a.txt': label,
      'yaml/data.yaml': gbk('train: images\nnames: [人, 车]\n'),
      'yaml/images/a.jpg': [64, 48],
      'yaml/labels/a.txt': label,
      'coco/a.json': gbk(coco('人')),
      'coco/a.jpg': [64, 48],
      'labelme/a.json': gbk(
        JSON.stringify({
          shapes: [
            {
              label: '人',
              points: [
                [1, 1],
                [9, 9],
              ],
            },
          ],
          imagePath: 'a.jpg',
        }),
      ),
      'labelme/a.jpg': [64, 48],
      'cvat/annotations.xml': gbk(
        '<annotations><image name="a.jpg"><box label="人" xtl="1" ytl="1" xbr="9" ybr="9"/></image></annotations>',
      ),
      'cvat/a.jpg': [64, 48],
      'voc/a.xml': gbk(vocXml([{ name: '人', box }])),
      'voc/a.jpg': [64, 48],
    });
    for (const [name, file] of [
      ['lists', 'classes.txt'],
      ['yaml', 'data.yaml'],
      ['coco', 'a.json'],
      ['labelme', 'a.json'],
      ['cvat', 'annotations.xml'],
      ['voc', 'a.xml'],
    ] as const) {
      const { message } = await rejection(openDataset(`${folder}/${name}`));
      expect(message).toContain(`${folder}/${name}/${file}: the text is not UTF-8; save it as UTF-8`);
    }
  });

  test('a label file of another encoding costs its sample only', async () => {
    const folder = await writeFiles(temporaryFolder(), {
      'classes.txt': 'cat\ndog',
      'a.jpg': [64, 48],
      'a.txt': label,
      'b.jpg': [64, 48],
      'b.txt': encode('0 .5 .5 .5 .5\n# 人', 'gbk'),
    });
    const dataset = await openDataset(folder);
    expect([dataset.length, dataset.id(0)]).toEqual([1, 'a']);
    expect(dataset.problems[0]!.message).toContain('b.txt: the text is not UTF-8');
  });

  test('names that only happen to be UTF-8 are suspected where other files are not', async () => {
    // 猫 in GBK is è in UTF-8.
    const folder = await writeFiles(temporaryFolder(), {
      'a.xml': encode(vocXml([{ name: '猫', box }]), 'gbk'),
      'a.jpg': [64, 48],
      'b.xml': encode(vocXml([{ name: '狗', box }]), 'gbk'),
      'b.jpg': [64, 48],
    });
    const { classes, problems } = await openDataset(folder);
    expect(classes).toEqual(['è']);
    expect(problems.map(({ kind }) => kind)).toEqual(['sample', 'note', 'note']);
    expect(problems[1]!.message).toMatch(
      /a\.xml: the name 'è' may be text of another encoding, as that of .*b\.xml is; save/,
    );
  });
});
