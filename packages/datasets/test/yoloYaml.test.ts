import { describe, expect, test, vi } from 'vitest';
import { parseYoloYaml } from '../src/io/yolo/yoloYaml';
import { found, messages, open, row, type Size } from './layoutSupport';

const size: Size = [64, 48];

describe('parseYoloYaml', () => {
  const parse = (text: string) => parseYoloYaml(text, 'data.yaml');

  test('names as a list or by index; an index left out keeps its place', () => {
    expect(parse('names: [cat, 7]').names).toEqual(['cat', '7']);
    expect(parse('names: {2: dog, 0: cat}').names).toEqual(['cat', '1', 'dog']);
    expect(parse('train: x').names).toBeUndefined();
  });

  test.each(['1e1', '0x1', '-1', 'a1', '1a', '100000'])('the index %j is refused', (index) => {
    expect(() => parse(`names: {"${index}": cat}`)).toThrow(`has names with index '${index}'`);
  });

  test.each(['[17, 2]', '[1, 3]'])('kpt_shape %s', (shape) => {
    expect(parse(`kpt_shape: ${shape}`).keypoints).toEqual(JSON.parse(shape));
  });

  test.each(['[0, 3]', '[-1, 2]', '[1.5, 3]', '[17, 4]', '[17]', '17', '["17", 3]'])(
    'kpt_shape %s is refused',
    (shape) => {
      expect(() => parse(`kpt_shape: ${shape}`)).toThrow(/has kpt_shape .*, which is not \[number, 2 or 3\]/);
    },
  );

  test("a tag of the writer's own is no warning on the user's screen", () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    try {
      expect(parse('names: !tuple [cat]').names).toEqual(['cat']);
      expect(warned).not.toHaveBeenCalled();
    } finally {
      warned.mockRestore();
    }
  });
});

const here = { 'images/a.jpg': size, 'labels/a.txt': row(1) };
const there = { 'pics/images/b.jpg': size, 'pics/labels/b.txt': row(2) };

test('path is where the pictures are, relative to the file', async () => {
  const files = { ...here, ...there };
  const dataset = await open({ 'data.yaml': 'path: pics\ntrain: images\nnames: [cat]', ...files });
  expect(found(dataset)).toEqual({ b: 2 });
  const other = await open({ 'data.yaml': 'path: 7\ntrain: images\nnames: [cat]', ...files });
  expect(found(other)).toEqual({ a: 1 });
});

test.each(['gone/', '../gone/', './gone/.', '/elsewhere/gone/'])(
  'the entry %s is nowhere: a problem, not the whole folder',
  async (entry) => {
    const yaml = `train: images\nval: ${entry}\nnames: [cat]`;
    const dataset = await open({ 'data.yaml': yaml, ...here, ...there });
    expect(found(dataset)).toEqual({ a: 1 });
    expect(messages(dataset)[0]).toContain(`'val' names ${entry}, which is not there`);
  },
);

test('an nc that is not the number of names is noted; names count', async () => {
  const right = await open({ 'data.yaml': 'train: images\nnc: 2\nnames: [cat, dog]', ...here });
  expect(messages(right)).toEqual([]);
  const wrong = await open({ 'data.yaml': 'train: images\nnc: 3\nnames: [cat, dog]', ...here });
  expect(messages(wrong)).toEqual([expect.stringContaining('nc is 3, but names has 2, which are taken')]);
  expect(wrong.problems[0]!.kind).toBe('note');
  expect(wrong.classes).toEqual(['cat', 'dog']);
});

test('class names that differ only in case are two classes, and that is noted', async () => {
  const dataset = await open({ 'data.yaml': 'train: images\nnames: [Cat, dog, cat]', ...here });
  expect(dataset.classes).toEqual(['Cat', 'dog', 'cat']);
  expect(messages(dataset)).toEqual([
    expect.stringContaining("the classes 'Cat' and 'cat' differ only in case or space, taken as two"),
  ]);
  expect(dataset.problems[0]!.kind).toBe('note');
});

test('a .yaml of another kind is no second one', async () => {
  const dataset = await open({ 'set.yaml': 'names: [cat]', 'args.yaml': 'epochs: 3', ...here });
  expect(dataset.classes).toEqual(['cat']);
  const two = open({ 'set.yaml': 'names: [cat]', 'other.yml': 'names: [dog]', ...here });
  await expect(two).rejects.toThrow(/more than one \.yaml with classes or pictures \(.*\); give the path/);
});

test("Label Studio's notes.json names classes by id, and what it holds else is none", async () => {
  const categories = [
    { id: 2, name: 'dog' },
    { id: 0, name: 'cat' },
    { id: '1', name: 'cow' },
    { id: 1, name: 7 },
    'bird',
  ];
  const dataset = await open({ 'notes.json': JSON.stringify({ categories }), ...here });
  expect(dataset.classes).toEqual(['cat', '1', 'dog']);
});
