import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDataset } from '../src/node';
import { temporaryFolder, writeFiles } from './fixtures';
import { annotation, coco, found, messages, open, size } from './layoutSupport';

describe('COCO', () => {
  test('names that differ in folders only, in both directions', async () => {
    const images = [
      { id: 1, file_name: 'train/a.jpg', width: 64, height: 48 },
      { id: 2, file_name: 'val\\a.jpg' },
      { id: 3, file_name: '/data/project/test/a.jpg' },
      { id: 4, file_name: 'other/a.jpg' },
    ];
    const root = await writeFiles(temporaryFolder(), {
      'annotations/all.json': coco(
        images,
        [1, 2, 3, 4].map((id) => annotation(id, id)),
      ),
      'images/train/a.jpg': size,
      'images/val/a.jpg': size,
      'images/test/a.jpg': size,
    });
    const dataset = await openDataset(root);
    expect(found(dataset)).toEqual({ 'train/a': 1, 'val/a': 2, 'test/a': 3 });
    expect(messages(dataset)).toHaveLength(1);
    expect(messages(dataset)[0]).toMatch(
      /all\.json: its picture .*other\/a\.jpg is missing, sample skipped; put/,
    );
    expect(found(await openDataset(join(root, 'annotations', 'all.json')))).toEqual(found(dataset));
  });

  test('doubled categories: two ids of a name are one class, two names of an id are none', async () => {
    const categories = [
      { id: 1, name: 'cat' },
      { id: 2, name: 'cat' },
      { id: 3, name: 'dog' },
      { id: 3, name: 'cow' },
      { id: '4', name: 5 },
    ];
    const annotations = [1, '2', 3, 4].map((category_id) => ({ ...annotation(1, 3), category_id }));
    const dataset = await open({
      'a.json': coco([{ id: '1', file_name: 'a.jpg' }], annotations, categories),
      'a.jpg': size,
    });
    expect(dataset.classes).toEqual(['cat', 'dog', 'cow', '5']);
    expect([...dataset.truth(0).labels]).toEqual([1, 1, 4]);
    expect(dataset.problems.map(({ kind }) => kind)).toEqual(['note', 'note', 'object']);
    expect(messages(dataset)[0]).toMatch(/categories 1 and 2 are both called 'cat', taken as one class/);
  });

  test('what lies there and was not used is counted', async () => {
    const json = coco([{ id: 1, file_name: 'a.jpg' }], [annotation(1, 1)]);
    const dataset = await open({
      'a.json': json,
      'images/a.jpg': size,
      'images/b.jpg': size,
      'images/c.png': size,
    });
    expect(messages(dataset).map((text) => text.replace(/^.*?: /, ''))).toEqual([
      '2 pictures without an annotation, the first images/b.jpg; annotate them, or name the folders with `images` and `annotations`',
    ]);
    expect(dataset.problems[0]!.kind).toBe('note');
  });
});
