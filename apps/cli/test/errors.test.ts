import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSafetensors } from '@roikit/weights';
import { existsSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testEngine } from '../../../packages/engine/test/testEngine';
import { errorLine } from '../src/errors';
import { roikit, temporaryFolder, toXml, vocFolder, writeTinyRecipe } from './support';

let folder: string;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** One line, no trace of the code, the path in it. */
function expectOneLine(stderr: string, path: string): void {
  const line = stderr.split('\n').find((text) => text.includes('error:')) ?? '';
  expect(line).toContain(path);
  expect(stderr).not.toMatch(/^\s+at /m);
}

describe('files that are not there', () => {
  test.each([
    ['propose', ['propose', 'nowhere.jpg'], 'nowhere.jpg'],
    ['detect', ['detect', 'nowhere.jpg', '--model', 'digits'], 'nowhere.jpg'],
    ['detect in an empty pattern', ['detect', 'nowhere/*.jpg', '--model', 'digits'], 'nowhere/*.jpg'],
    ['evaluate', ['evaluate', 'no/detector', '--data', 'digits'], 'no/detector'],
    [
      'train',
      ['train', '--data', 'no/folder', '--backbone', 'squeezenet1_1', '--engine', 'cpu'],
      'no/folder',
    ],
    [
      'weights',
      [
        'train',
        '--data',
        'digits',
        '--backbone',
        'squeezenet1_1',
        '--weights',
        'no.safetensors',
        '--engine',
        'cpu',
      ],
      'no.safetensors',
    ],
    ['resume', ['train', '--resume', '--out', 'no/run'], 'no/run'],
  ])('%s: one line that names the path, exit 1', async (_, args, path) => {
    const { code, stderr } = await roikit(...args);
    expect(code).toBe(1);
    expectOneLine(stderr, path);
  });

  test('--verbose adds where it happened', async () => {
    const { stderr } = await roikit('--verbose', 'propose', 'nowhere.jpg');
    expect(stderr).toMatch(/^\s+at /m);
  });
});

describe('what is refused before anything is computed', () => {
  const start = (...args: string[]) => roikit('train', '--data', 'digits', '--engine', 'cpu', ...args);

  test('a backbone that is not known: exit 2, and the flag', async () => {
    const { code, stderr } = await start('--backbone', 'vgg99');
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error: --backbone: must be one of alexnet, .*vgg19, got "vgg99" \(did you mean vgg19\?\)$/m,
    );
  });

  test('classes that nothing there has', async () => {
    const root = await vocFolder(join(folder, 'shapes'), { pictures: 3 });
    const flags = [
      '--data',
      root,
      '--recipe',
      writeTinyRecipe(folder),
      '--classes',
      'cat',
      '--engine',
      'cpu',
    ];
    const out = join(folder, 'never');
    const { code, stderr } = await roikit('train', ...flags, '--out', out);
    expect(code).toBe(1);
    expectOneLine(stderr, `${root}: nothing there is a cat; check --classes`);
    expect(stderr).not.toContain('proposals');
    expect(existsSync(out)).toBe(false);
  });

  test('a split that is not there is told in the words of the command line', async () => {
    const root = await vocFolder(join(folder, 'plain'), { pictures: 3 });
    rmSync(join(root, 'ImageSets'), { recursive: true });
    const flags = ['--recipe', writeTinyRecipe(folder), '--split', 'nope', '--engine', 'cpu'];
    const { stderr } = await roikit('train', '--data', root, ...flags);
    expectOneLine(stderr, "there is no split 'nope'; leave --split out");
  });

  test('weights with NaN, and an empty file of weights, are named', async () => {
    const weights = join(folder, 'nan.safetensors');
    const data = Float32Array.of(1, Number.NaN);
    writeFileSync(weights, writeSafetensors(new Map([['a.weight', { dtype: 'float32', shape: [2], data }]])));
    const bad = await start('--backbone', 'squeezenet1_1', '--weights', weights);
    expect(bad.code).toBe(1);
    expectOneLine(bad.stderr, `${weights}: a.weight holds NaN`);
    const empty = join(folder, 'empty.safetensors');
    writeFileSync(empty, '');
    const none = await start('--backbone', 'squeezenet1_1', '--weights', empty);
    expect(none.code).toBe(1);
    expectOneLine(none.stderr, `${empty}: it is empty: download it again`);
  });

  // /proc takes no folders, from nobody.
  test.skipIf(!existsSync('/proc/self'))('a folder that can not be written (needs /proc)', async () => {
    const picture = join(await vocFolder(join(folder, 'one'), { pictures: 1 }), 'JPEGImages/picture0.jpg');
    for (const args of [
      ['detect', picture, '--model', 'digits'],
      ['evaluate', 'digits', '--data', 'digits', '--count', '1000'],
    ]) {
      const { code, stderr } = await roikit(...args, '--engine', testEngine, '--out', '/proc/roikit/run');
      expect(code).toBe(1);
      expectOneLine(stderr, '/proc/roikit');
    }
  });
});

describe('bad data', () => {
  let runs = 0;
  const train = (data: string, ...more: string[]) => {
    const out = join(folder, `run-${runs++}`);
    const what = ['--data', data, '--format', 'voc', '--split', 'train', '--recipe', writeTinyRecipe(folder)];
    return roikit(
      'train',
      ...what,
      '--engine',
      testEngine,
      '--cache',
      join(folder, 'cache'),
      '--out',
      out,
      ...more,
    );
  };

  test('an empty folder', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const { code, stderr } = await train(empty);
    expect(code).toBe(1);
    expectOneLine(stderr, empty);
  });

  describe('one bad file among good ones', () => {
    const cases: [string, (root: string) => string, string[]][] = [
      [
        'a truncated JPEG',
        (root) => {
          const file = join(root, 'JPEGImages/picture0.jpg');
          writeFileSync(file, readFileSync(file).subarray(0, 700));
          return 'picture0.jpg';
        },
        [],
      ],
      [
        'a box without area',
        (root) => {
          const shapes = [{ name: 'square', corners: [10, 10, 10, 40] as [number, number, number, number] }];
          writeFileSync(join(root, 'Annotations/picture0.xml'), toXml('picture0', shapes));
          return 'picture0.xml';
        },
        [],
      ],
      [
        'a missing picture',
        (root) => {
          unlinkSync(join(root, 'JPEGImages/picture0.jpg'));
          return 'picture0.xml';
        },
        [],
      ],
      ['a class that is not in the list', () => 'picture0.xml', ['--classes', 'square']],
    ];

    test.each(cases)('%s is named, counted and left out; fatal with --strict', async (name, spoil, flags) => {
      const root = await vocFolder(join(folder, name.replaceAll(' ', '-')), { pictures: 3 });
      const file = spoil(root);
      const lenient = await train(root, ...flags);
      expect(lenient.stderr).toContain(file);
      expect(lenient.stderr).toContain('warning:');
      expect(lenient.code).toBe(0);
      const strict = await train(root, '--strict', ...flags);
      expect(strict.code).toBe(1);
      expect(strict.stderr).toContain(file);
      expect(strict.stderr).not.toMatch(/^\s+at /m);
    });
  });
});

test('of a copy that finds no room, the copy is named', () => {
  const full = (code: string) =>
    Object.assign(new Error(`${code}: copyfile 'a.jpg' -> 'b.jpg'`), { code, path: 'a.jpg', dest: 'b.jpg' });
  expect(errorLine(full('ENOSPC'))).toBe('b.jpg: the disk is full; make room and run the command again');
  expect(errorLine(full('ENOENT'))).toMatch(/^a\.jpg: there is no such file/);
});
