import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDataset } from '../src/node';
import { rejection, temporaryFolder, writeFiles } from './fixtures';
import { found, messages, open, size, xml, type Files } from './layoutSupport';

describe('VOC', () => {
  test.each([
    ['Annotations', 'JPEGImages'],
    ['annots', 'images'],
    ['labels', 'imgs'],
    ['ANNOTATIONS', 'Images'],
    ['train/annotations', 'train/images'],
    ['annotations/train', 'images/train'],
    ['a/b/Annotations', 'a/b/JPEGImages'],
    ['train', 'train'],
  ])(
    '%s beside %s, two and three folders deep, the same names in different folders',
    async (annotations, images) => {
      const dataset = await open({
        [`${annotations}/1.xml`]: xml(1),
        [`${images}/1.jpg`]: size,
        [`${annotations}/cam1/1.xml`]: xml(2),
        [`${images}/cam1/1.jpg`]: size,
        [`${annotations}/cam2/deep/er/1.xml`]: xml(3),
        [`${images}/cam2/deep/er/1.PNG`]: size,
        [`${annotations}/cam3/1.xml`]: xml(4),
      });
      expect(dataset.format).toBe('voc');
      expect(Object.values(found(dataset)).sort()).toEqual([1, 2, 3]);
      for (let i = 0; i < 3; i++) {
        const end = { 1: '1.jpg', 2: 'cam1/1.jpg', 3: 'cam2/deep/er/1.PNG' }[
          Math.round(dataset.truth(i).boxes[0]!)
        ];
        expect(dataset.imageFile(i).replace(/\\/g, '/')).toMatch(new RegExp(`/${end}$`));
      }
      // The fourth has no picture of its own, and gets no other.
      expect(messages(dataset)).toHaveLength(1);
      expect(messages(dataset)[0]).toMatch(/cam3.1\.xml: its picture is missing \(.*\), sample skipped; put/);
    },
  );

  test('splits of nested names, with Windows separators, spaces, endings, and the lists of other tools', async () => {
    const files = {
      'Annotations/cam1/1.xml': xml(1),
      'Annotations/my photo.xml': xml(2),
      'Annotations/c 1.xml': xml(3),
      'JPEGImages/cam1/1.jpg': size,
      'JPEGImages/my photo.jpg': size,
      'JPEGImages/c 1.jpg': size,
    } as const;
    const lists = {
      slash: 'cam1/1\nmy photo\nc 1\n',
      windows: 'cam1\\1\r\nmy photo   \r\nc 1\r\n',
      old: 'cam1/1\rmy photo\rc 1',
      marks: 'cam1/1  1\nmy photo -1\nc 1 1\n',
      files: 'cam1/1.xml\nmy photo.jpg\n"c 1.jpg"\n',
      paddle:
        './JPEGImages/cam1/1.jpg ./Annotations/cam1/1.xml\nJPEGImages/my photo.jpg\nJPEGImages/c 1.jpg\n',
    };
    const sets = Object.fromEntries(
      Object.entries(lists).map(([name, text]) => [`ImageSets/Main/${name}.txt`, text]),
    );
    const root = await writeFiles(temporaryFolder(), { ...files, ...sets } as unknown as Files);
    for (const split of Object.keys(lists)) {
      const dataset = await openDataset(root, { split });
      expect([split, found(dataset), messages(dataset)]).toEqual([
        split,
        { 'cam1/1': 1, 'my photo': 2, 'c 1': 3 },
        [],
      ]);
    }
  });

  test('<filename> decides where two pictures have the name; without it the sample is a problem', async () => {
    const pictures = { 'JPEGImages/a.jpg': size, 'JPEGImages/a.png': size } as const;
    const decided = await open({ 'Annotations/a.xml': xml(1, 'a.png'), ...pictures } as unknown as Files);
    expect(decided.imageFile(0)).toMatch(/a\.png$/);
    const { message } = await rejection(
      open({ 'Annotations/a.xml': xml(1, 'a'), ...pictures } as unknown as Files),
    );
    expect(message).toMatch(
      /a\.xml: its picture may be JPEGImages\/a\.jpg or JPEGImages\/a\.png, sample skipped; name/,
    );
  });

  test.each([
    ['b', 'b.jpg'],
    ['B.JPG', 'b.jpg'],
    ['b.jpeg', 'b.jpg'],
    ['frame.12', 'frame.12.jpg'],
    ['C:\\set\\images\\b.jpg', 'b.jpg'],
  ])('<filename> %s finds %s where the annotation has another name', async (filename, picture) => {
    const dataset = await open({ 'Annotations/0001.xml': xml(1, filename), [`images/${picture}`]: size });
    expect([found(dataset), messages(dataset)]).toEqual([{ '0001': 1 }, []]);
  });

  test('two annotations of one picture are both problems: which is right is not known', async () => {
    const root = await writeFiles(temporaryFolder(), {
      'Annotations/a.xml': xml(1, 'p.jpg'),
      'Annotations/b.xml': xml(2, 'p.jpg'),
      'Annotations/c.xml': xml(3),
      'JPEGImages/p.jpg': size,
      'JPEGImages/c.jpg': size,
    });
    const dataset = await openDataset(root);
    expect(found(dataset)).toEqual({ c: 3 });
    expect(messages(dataset).map((text) => text.replaceAll(root, ''))).toEqual([
      '/Annotations/a.xml: its picture /JPEGImages/p.jpg is that of /Annotations/b.xml too, sample skipped; delete or correct one of the two annotations',
      '/Annotations/b.xml: its picture /JPEGImages/p.jpg is that of /Annotations/a.xml too, sample skipped; delete or correct one of the two annotations',
    ]);
  });

  test('folders of any name are named by hand', async () => {
    const root = await writeFiles(temporaryFolder(), {
      'boxes/a.xml': xml(1),
      'photos of 2024/a.jpg': size,
      'copies/a.jpg': size,
    });
    expect((await rejection(openDataset(root))).message).toMatch(/no usable voc sample/);
    const options = { images: join(root, 'photos of 2024'), annotations: join(root, 'boxes') };
    const dataset = await openDataset(root, options);
    expect([found(dataset), dataset.imageFile(0)]).toEqual([{ a: 1 }, join(root, 'photos of 2024', 'a.jpg')]);
    expect(found(await openDataset(root, { images: 'photos of 2024', annotations: 'boxes' }))).toEqual({
      a: 1,
    });
    expect((await rejection(openDataset(root, { images: 'nowhere' }))).message).toMatch(
      /^nowhere: there is no such folder, given as `images`; give it as a path from here, or from/,
    );
  });
});

test('of two pictures of its name an annotation means the one beside it, unless <filename> ends as the other', async () => {
  const files: Files = { 'set/a.jpg': size, 'set/images/a.png': [32, 24] };
  const beside = await open({ ...files, 'set/a.xml': xml(1) });
  expect(beside.imageFile(0)).toMatch(/set.a\.jpg$/);
  const elsewhere = open({ ...files, 'set/Annotations/a.xml': xml(1) });
  await expect(elsewhere).rejects.toThrow('its picture may be set/a.jpg or set/images/a.png, sample skipped');
  const named = await open({ ...files, 'set/images/a.png': size, 'set/a.xml': xml(1, 'a.png') });
  expect(named.imageFile(0)).toMatch(/set.images.a\.png$/);
});
