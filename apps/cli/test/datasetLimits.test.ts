import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { roikit, temporaryFolder, toXml, vocFolder } from './support';

let folder: string;
let data: string;
beforeAll(async () => {
  folder = temporaryFolder();
  data = await vocFolder(join(folder, 'shapes'), { pictures: 9 });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('what would spoil a data set', () => {
  test('a part that is named twice is refused', async () => {
    const { code, stderr } = await roikit(
      'dataset',
      'split',
      data,
      join(folder, 'twice'),
      '--shares',
      'a=0.5,a=0.5',
    );
    expect([code, stderr]).toEqual([2, expect.stringContaining("It names 'a' twice.")]);
  });

  test.each([['convert', '--to', 'coco'], ['split']])(
    '%s does not write into what it reads',
    async (verb, ...flags) => {
      const out = join(data, 'new');
      const { code, stderr } = await roikit('dataset', verb, data, out, ...flags);
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining(`${out}: lies in ${data}, and would be read as`),
      ]);
      expect(existsSync(out)).toBe(false);
    },
  );

  test('a name that two parts have gets one that no other picture has', async () => {
    const root = join(folder, 'names');
    for (const [split, names] of Object.entries({ train: ['a'], val: ['a', 'val_a'] })) {
      for (const kind of ['images', 'labels']) mkdirSync(join(root, split, kind), { recursive: true });
      for (const name of names) {
        copyFileSync(join(data, 'JPEGImages/picture0.jpg'), join(root, split, 'images', `${name}.jpg`));
        writeFileSync(join(root, split, 'labels', `${name}.txt`), '0 .5 .5 .2 .2\n');
      }
    }
    writeFileSync(join(root, 'data.yaml'), 'names: [x]\ntrain: train/images\nval: val/images\n');
    const out = join(folder, 'distinct');
    expect((await roikit('dataset', 'convert', root, out, '--to', 'coco')).code).toBe(0);
    expect(readdirSync(join(out, 'images')).sort()).toEqual(['a.jpg', 'val_a.jpg', 'val_val_a.jpg']);
  });

  test('a data set without any object is inspected, split by split', async () => {
    const root = join(folder, 'bare');
    for (const name of ['Annotations', 'JPEGImages', 'ImageSets/Main'])
      mkdirSync(join(root, name), { recursive: true });
    copyFileSync(join(data, 'JPEGImages/picture0.jpg'), join(root, 'JPEGImages/p.jpg'));
    writeFileSync(join(root, 'Annotations/p.xml'), toXml('p', []));
    writeFileSync(join(root, 'ImageSets/Main/train.txt'), 'p\n');
    const { code, stdout } = await roikit('dataset', 'inspect', root, '--json', '--no-sheet');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ images: 1, objects: 0, splits: { train: 1 } });
  });
});
