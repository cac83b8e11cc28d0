import { openDataset, writeDataset, type FileDataset } from '@roikit/datasets/node';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { roikit, temporaryFolder, toXml, vocFolder } from './support';

let folder: string;
let data: string;
beforeAll(async () => {
  folder = temporaryFolder();
  data = await vocFolder(join(folder, 'shapes'), { pictures: 9 });
});
afterAll(() => rmSync(folder, { recursive: true }));

const idOf = (dataset: FileDataset, i: number): string => basename(dataset.id(i));

/** Class names and boxes by picture, to a hundredth of a pixel. */
function content(dataset: FileDataset): Record<string, string[]> {
  const entries = Array.from({ length: dataset.length }, (_, i) => {
    const { boxes, labels } = dataset.truth(i);
    const objects = Array.from(labels, (label, k) => {
      const box = [...boxes.subarray(4 * k, 4 * k + 4)].map((value) => value.toFixed(2));
      return `${dataset.classes[label - 1]} ${box.join(' ')}`;
    });
    return [idOf(dataset, i), objects.sort()] as const;
  });
  return Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b)));
}

describe('inspect', () => {
  test('says what is there and what is odd, and draws a contact sheet', async () => {
    const root = await vocFolder(join(folder, 'odd'), { pictures: 3 });
    const pictures = join(root, 'JPEGImages');
    copyFileSync(join(pictures, 'picture0.jpg'), join(pictures, 'twin.jpg'));
    writeFileSync(
      join(root, 'Annotations/picture2.xml'),
      toXml('picture2', [
        { name: 'bar', corners: [5, 5, 30, 40] },
        { name: 'bar', corners: [9, 9, 9, 40] },
      ]),
    );
    const sheet = join(folder, 'made/sheet.png');
    const { code, stdout } = await roikit('dataset', 'inspect', root, '--json', '--sheet', sheet);
    expect(code).toBe(0);
    const found = JSON.parse(stdout) as Record<string, unknown>;
    expect(found).toMatchObject({
      format: 'voc',
      images: 3,
      objects: 5,
      badBoxes: 1,
      classes: [
        { name: 'bar', objects: 3, images: 3 },
        { name: 'square', objects: 2, images: 2 },
      ],
      sizes: [{ width: 96, height: 96, images: 3 }],
      unused: { pictures: [join(pictures, 'twin.jpg')], annotations: [] },
      sheet,
    });
    expect(found.duplicates).toEqual([[join(pictures, 'picture0.jpg'), join(pictures, 'twin.jpg')]]);
    // Three places of 300 and what is between them.
    expect(await sharp(sheet).metadata()).toMatchObject({ width: 940, height: 267 });

    const told = await roikit('dataset', 'inspect', root, '--no-sheet');
    expect(told.stdout).toMatch(/^format +PASCAL VOC/m);
    expect(told.stdout).toMatch(/^bad boxes +1 left out$/m);
    expect(told.stdout).toMatch(/^bar +3 +3 +60\.0 % +━+$/m);
    expect(told.stdout).toContain('picture0.jpg = ');
    expect(told.stdout).toMatch(/pictures that nothing names: 1\n +.*twin\.jpg/);
    expect(told.stdout).not.toContain('contact sheet');
    expect(told.stdout).toMatch(/^splits +train 2, val 1$/m);
    const part = await roikit('dataset', 'inspect', root, '--no-sheet', '--split', 'train');
    expect(part.stdout).toMatch(/^pictures +2$/m);
    expect(part.stdout).not.toMatch(/^splits/m);
  });

  test('a folder that holds nothing of the kind: exit 1, the folder named', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const { code, stderr } = await roikit('dataset', 'inspect', empty);
    expect(code).toBe(1);
    expect(stderr).toContain(empty);
  });
});

describe('convert', () => {
  test('VOC → COCO → YOLO → VOC: every split, picture and box is what it was', async () => {
    const [coco, yolo, voc] = ['coco', 'yolo', 'voc'].map((name) => join(folder, `as-${name}`)) as [
      string,
      string,
      string,
    ];
    for (const [from, to, format] of [
      [data, coco, 'coco'],
      [coco, yolo, 'yolo'],
      [yolo, voc, 'voc'],
    ] as const) {
      const { code, stdout } = await roikit('dataset', 'convert', from, to, '--to', format);
      expect(code).toBe(0);
      expect(stdout).toContain(`${format}: ${to}`);
    }
    for (const split of ['train', 'val']) {
      const [before, after] = [await openDataset(data, { split }), await openDataset(voc, { split })];
      expect(after.problems).toEqual([]);
      expect(content(after)).toEqual(content(before));
      for (let i = 0; i < after.length; i++) {
        const id = idOf(after, i);
        const original = readFileSync(join(data, 'JPEGImages', `${id}.jpg`));
        expect(readFileSync(after.imageFile(i))).toEqual(original);
      }
    }
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test('pictures of one name in two splits are both kept', async () => {
    const root = join(folder, 'same-names');
    const dataset = await openDataset(data);
    const renamed = (offset: number) => ({
      ...dataset,
      length: 3,
      id: (i: number) => `p${i}`,
      imageFile: (i: number) => dataset.imageFile(i + offset),
      get: (i: number) => dataset.get(i + offset),
    });
    for (const [split, offset] of [
      ['train', 0],
      ['val', 3],
    ] as const)
      for await (const _ of writeDataset(renamed(offset), root, { format: 'yolo', split }));
    const out = join(folder, 'same-names-voc');
    expect((await roikit('dataset', 'convert', root, out, '--to', 'voc')).code).toBe(0);
    const all = await openDataset(out);
    const expected = Object.values(content(dataset)).slice(0, 6).flat().sort();
    expect(Object.values(content(all)).flat().sort()).toEqual(expected);
  });

  test('pictures that are in no split are told', async () => {
    const root = await vocFolder(join(folder, 'left'), { pictures: 4 });
    writeFileSync(join(root, 'ImageSets/Main/train.txt'), 'picture0\n');
    const out = join(folder, 'left-coco');
    const { stderr } = await roikit('dataset', 'convert', root, out, '--to', 'coco');
    expect(stderr).toMatch(/2 pictures in no split, left out; the first is .*picture[13]\.jpg/);
  });

  test('says what the format can not hold', async () => {
    const root = join(folder, 'crowd');
    mkdirSync(join(root, 'images'), { recursive: true });
    copyFileSync(join(data, 'JPEGImages/picture0.jpg'), join(root, 'images/a.jpg'));
    const annotation = { image_id: 1, category_id: 1, area: 30, bbox: [4, 6, 20, 30] };
    const coco = {
      images: [{ id: 1, file_name: 'a.jpg', width: 96, height: 96 }],
      categories: [{ id: 1, name: 'bar' }],
      annotations: [
        { ...annotation, id: 1, iscrowd: 0 },
        { ...annotation, id: 2, iscrowd: 1, bbox: [40, 6, 20, 30] },
      ],
    };
    writeFileSync(join(root, 'instances.json'), JSON.stringify(coco));
    const { stdout, stderr } = await roikit(
      'dataset',
      'convert',
      root,
      join(folder, 'crowd-yolo'),
      '--to',
      'yolo',
    );
    expect(stdout).toContain('not carried over: the area of 2 objects');
    expect(stderr).toContain('1 crowd box left out');
  });

  test('a folder that holds something is left alone', async () => {
    const { code, stderr } = await roikit('dataset', 'convert', data, data, '--to', 'coco');
    expect(code).toBe(1);
    expect(stderr).toContain(`${data}: there is something in this folder`);
    expect(existsSync(join(data, 'annotations'))).toBe(false);
  });

  test('without --to it is a usage error', async () => {
    expect((await roikit('dataset', 'convert', data, join(folder, 'x'))).code).toBe(2);
  });
});

describe('split', () => {
  test('parts of the shares, none in two, all in one, the same for a seed', async () => {
    const make = async (name: string, ...flags: string[]) => {
      const out = join(folder, name);
      const shares = ['--shares', 'train=0.5,val=0.25,test=0.25'];
      const { code } = await roikit('dataset', 'split', data, out, ...shares, ...flags);
      expect(code).toBe(0);
      const parts = ['train', 'val', 'test'].map((split) => openDataset(out, { split }));
      return (await Promise.all(parts)).map((part) =>
        Array.from({ length: part.length }, (_, i) => idOf(part, i)),
      );
    };
    const parts = await make('split-1');
    expect(parts.flat().sort()).toEqual(Array.from({ length: 9 }, (_, i) => `picture${i}`));
    expect(parts.map(({ length }) => length).sort()).toEqual([2, 2, 5]);
    expect(await make('split-1-again', '--to', 'coco')).toEqual(parts);
    expect(await make('split-2', '--seed', '2')).not.toEqual(parts);
  });

  test.each(['train', 'train=2', 'train=0.8,val=0.3', 'train=0.8;val=0.2'])(
    '--shares %s exits 2',
    async (shares) => {
      const { code, stderr } = await roikit('dataset', 'split', data, join(folder, 'no'), '--shares', shares);
      expect(code).toBe(2);
      expect(stderr).toContain('--shares');
    },
  );
});
