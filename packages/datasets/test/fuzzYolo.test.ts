import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { SampleError } from '../src';
import { isLabelRow } from '../src/io/yolo/isLabelRow';
import { parseYolo } from '../src/io/yolo/parseYolo';
import { parseYoloYaml } from '../src/io/yolo/yoloYaml';
import {
  encoded,
  expectNothingLost,
  numberText,
  open,
  part,
  pictures,
  run,
  samples,
  size,
  type FuzzObject,
} from './fuzzSupport';

/** Keypoints of a pose dataset, or none. */
const shape = fc.option(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom(2, 3)), { nil: undefined });

describe('YOLO: no crash, no hang, no silent loss', () => {
  test.each(['', 'labels/|images/', 'train/labels/|train/images/'])('YOLO in %j', async (folders) => {
    const [labels = '', images = labels] = folders.split('|');
    const row = ({ name, box }: FuzzObject): string =>
      `${name.length} ${box.map((text) => Number(text) / 12 || text).join(' ')}`;
    await fc.assert(
      fc.asyncProperty(samples, async (list) => {
        const named = list.filter(({ path }) => !/(classes|train|val|test)$/i.test(path));
        if (named.length === 0) return;
        const texts = named.map((one) => [
          `${labels}${one.path}.txt`,
          encoded(one.objects.map(row).join('\n'), one),
        ]);
        const files = {
          'classes.txt': 'a\nb\nc\nd',
          ...Object.fromEntries(texts),
          ...pictures(named, images),
        };
        const dataset = await open(files, 'yolo');
        if (!dataset) return;
        // A label file of a picture that is missing is a sample where it has rows, else it can't be told from a note.
        const sure = named.filter((one) => one.picture !== 'missing');
        const lost = dataset.problems.filter(({ kind }) => kind === 'sample');
        expect(dataset.length + lost.length).toBeGreaterThanOrEqual(sure.length);
        expect(dataset.length + lost.length).toBeLessThanOrEqual(named.length);
        expectNothingLost(dataset, dataset.length + lost.length);
      }),
      run,
    );
  });

  test('rows in = boxes out + problems, whatever numbers a row has', () => {
    const fraction = fc.oneof(
      { weight: 8, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }).map(String) },
      numberText,
    );
    const row = fc.array(fraction, { maxLength: 20 }).map((numbers) => ['0', ...numbers].join(' '));
    const ends = fc.constantFrom('\n', '\r', '\r\n', '\n\n', ' \n\t');
    fc.assert(
      fc.property(fc.array(row, { maxLength: 6 }), ends, shape, (rows, end, keypoints) => {
        const { objects, problems } = parseYolo(rows.join(end), { file: 'f.txt', size, keypoints });
        expect(objects.length + problems.length).toBe(rows.length);
        for (const { box } of objects) expect(box.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('whatever data.yaml holds, it is a dataset or an error that names it', async () => {
    const value = fc.oneof(
      fc.jsonValue(),
      part,
      fc.array(part),
      fc.dictionary(fc.nat(12).map(String), part),
      fc.constantFrom('../train/images', 'images\\train', '/data/images', '.', '..', 'images/train', 1e9),
    );
    const key = fc.constantFrom('names', 'path', 'train', 'val', 'test', 'kpt_shape', 'nc');
    // Text of its own, for what no writer makes: cycles, doubled keys, depth.
    const odd = fc.constantFrom(
      'kpt_shape: &a [*a]',
      'names: &a [*a]',
      'names: {0: a, 0: b}',
      'names: {4294967294: a}',
      'names: !!js/function a',
      `names: ${'['.repeat(3000)}`,
      'train: &a [*a]',
      '\t',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(key, value, { maxKeys: 3 }),
        fc.option(odd, { freq: 3 }),
        async (yaml, line) => {
          const text = `${Object.keys(yaml).length > 0 ? stringify(yaml) : ''}${line ?? ''}\n`;
          try {
            const { names = [] } = parseYoloYaml(text, 'data.yaml');
            expect(names.every((name) => typeof name === 'string')).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(SampleError);
          }
          await open(
            { 'data.yaml': text, 'images/train/a.txt': '', 'labels/train/a.txt': '0 .5 .5 .1 .1' },
            'yolo',
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  test.each([
    ['brackets', `names: ${'['.repeat(3000)}`],
    ['braces', `a: ${'{a: '.repeat(3000)}1${'}'.repeat(3000)}`],
    ['dashes', `names:\n${' - '.repeat(3000)}a`],
    ['question marks', '? '.repeat(3000)],
    ['indents', Array.from({ length: 400 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ])('%s nested deep never reach the parser, whose stack ends', (_, text) => {
    expect(() => parseYoloYaml(text, 'data.yaml')).toThrow(/data\.yaml: the file is nested deeper/);
  });

  test('a number of a class beyond all bounds makes no list', async () => {
    const files = { 'a.jpg': '', 'a.txt': '0 .5 .5 .1 .1' };
    for (const id of [4e9, 2 ** 53, -1, 1e5, '0']) {
      const notes = JSON.stringify({ categories: [{ id, name: 'a' }] });
      expect(await open({ ...files, 'notes.json': notes }, 'yolo')).toBeUndefined();
    }
  });

  test('a list of numbers, one a line, and a file of empty lines are no labels, at any length', () => {
    const started = performance.now();
    for (const text of ['1\n'.repeat(1e5), '\n'.repeat(1e6), ' '.repeat(1e5), `0${' 1'.repeat(1e5)} x`]) {
      expect(text.split('\n').some(isLabelRow)).toBe(false);
    }
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
