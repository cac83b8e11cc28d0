import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testEngine } from '../../../packages/engine/test/testEngine';
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

describe('usage', () => {
  test('help exits 0 and names every command', async () => {
    const { code, stdout } = await roikit('--help');
    expect(code).toBe(0);
    const detection = ['quickstart', 'train', 'evaluate', 'detect', 'propose', 'doctor'];
    for (const name of [...detection, 'classify', 'train-classifier', 'weights'])
      expect(stdout).toContain(name);
  });

  test.each([
    [['fly']],
    [['propose']],
    [['propose', 'a.jpg', '--max', 'many']],
    [['propose', 'a.jpg', '--mode', 'slow']],
    [['detect', 'a.jpg']],
    [['train']],
    [['train', '--data', 'x']],
    [['train', '--resume']],
    [['evaluate', 'x']],
    [['train', '--data', 'digits', '--backbone', 'squeezenet1_1', '--classes', 'a,,b']],
  ])('roikit %j exits 2 with a reason', async (args) => {
    const { code, stderr } = await roikit(...args);
    expect(code).toBe(2);
    expect(stderr).toContain('error:');
  });
});

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
