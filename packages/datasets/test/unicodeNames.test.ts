import { expect, test } from 'vitest';
import { openDataset, type OpenDatasetOptions } from '../src/node';
import { temporaryFolder, writeFiles } from './fixtures';
import { annotation, coco, found, messages, open, row, size, xml, type Files } from './layoutSupport';

// As macOS puts them into archives: letters and marks, syllables and their parts, each on their own.
const [e, hangul] = ['\u00e9', '\ud55c\uae00'];
const [eApart, hangulApart] = [e, hangul].map((name) => name.normalize('NFD')) as [string, string];

test.each<[string, Files, OpenDatasetOptions, string]>([
  [
    'VOC',
    { [`Annotations/${hangul}.xml`]: xml(3, `${hangul}.jpg`), [`JPEGImages/${hangulApart}.jpg`]: size },
    {},
    hangul,
  ],
  [
    'VOC, all files apart, and a list',
    {
      [`Annotations/${hangulApart}.xml`]: xml(3, `${hangul}.jpg`),
      [`JPEGImages/${hangulApart}.jpg`]: size,
      'ImageSets/Main/train.txt': `${hangul}\n`,
    },
    { split: 'train' },
    hangul,
  ],
  [
    'VOC by <filename>',
    { 'Annotations/1.xml': xml(3, `${e}.jpg`), [`JPEGImages/${eApart}.jpg`]: size },
    {},
    '1',
  ],
  [
    'COCO',
    {
      'a.json': coco([{ id: 1, file_name: `${e}/${hangul}.jpg` }], [annotation(1, 3)]),
      [`${eApart}/${hangulApart}.jpg`]: size,
    },
    {},
    `${e}/${hangul}`,
  ],
  [
    'COCO, the name apart',
    {
      'a.json': coco([{ id: 1, file_name: `${eApart}.jpg` }], [annotation(1, 3)]),
      [`images/${e}.jpg`]: size,
    },
    {},
    eApart,
  ],
  ['YOLO', { 'classes.txt': 'cat', [`images/${e}.jpg`]: size, [`labels/${eApart}.txt`]: row(3) }, {}, e],
])('%s: names are the same, composed or decomposed', async (_, files, options, id) => {
  const dataset = await open(files, options);
  expect(messages(dataset)).toEqual([]);
  expect(found(dataset)).toEqual({ [id]: 3 });
  expect((await dataset.get(0)).image.width).toBe(64);
});

// macOS takes the two for one.
test.skipIf(process.platform === 'darwin')('where a folder has both, each keeps its own', async () => {
  const folder = await writeFiles(temporaryFolder(), {
    'classes.txt': 'cat',
    [`images/${e}.jpg`]: size,
    [`images/${eApart}.jpg`]: size,
    [`labels/${e}.txt`]: row(3),
    [`labels/${eApart}.txt`]: row(9),
  });
  expect(found(await openDataset(folder))).toEqual({ [e]: 3, [eApart]: 9 });
});

test('classes that look the same are told', async () => {
  const dataset = await open({
    '1.xml': xml(3, '1.jpg', e),
    '1.jpg': size,
    '2.xml': xml(5, '2.jpg', eApart),
    '2.jpg': size,
  });
  expect(dataset.classes).toHaveLength(2);
  expect(messages(dataset).join()).toMatch(/two classes are both written '\u00e9', with other characters \(/);
});
