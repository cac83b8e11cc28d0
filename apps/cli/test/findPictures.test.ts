import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findPictures } from '../src/pictures/findPictures';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'roikit-find-')));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => {
  mkdirSync(join(folder, 'more'));
  for (const name of ['a.JPG', 'b c 한글.Jpeg', 'note.txt', '.hidden.png', 'more/c.png'])
    writeFileSync(join(folder, name), '');
  mkdirSync(join(folder, 'folder.jpg'));
  symlinkSync('nowhere.png', join(folder, 'broken.png'));
  symlinkSync('self.jpg', join(folder, 'self.jpg'));
  symlinkSync('a.JPG', join(folder, 'again.jpg'));
  symlinkSync('.', join(folder, 'loop'));
});

const named = async (...patterns: string[]): Promise<string[]> =>
  (await findPictures(patterns)).map((path) => realOrSame(path).replace(`${folder}/`, ''));

/** Patterns give paths from where the process runs. */
const realOrSame = (path: string): string => (path.startsWith('/') ? path : join(process.cwd(), path));

test('a folder gives what is named as a picture in it; links that lead nowhere too, so that they are told', async () => {
  expect(await named(folder)).toEqual(['a.JPG', 'again.jpg', 'b c 한글.Jpeg', 'broken.png', 'self.jpg']);
});

test('a pattern gives each file once, though links lead round in a circle', async () => {
  expect((await named(`${folder}/**/*.{JPG,Jpeg,png}`)).sort()).toEqual([
    'a.JPG',
    'b c 한글.Jpeg',
    'more/c.png',
  ]);
});

test('a file, stdin and addresses stand for themselves, once each', async () => {
  const file = join(folder, 'note.txt');
  expect(await findPictures([file, '-', 'https://x.org/a', '-', file])).toEqual([
    file,
    '-',
    'https://x.org/a',
  ]);
});

test('what gives nothing is named', async () => {
  await expect(findPictures([join(folder, 'none')])).rejects.toThrow(
    /none: there is no such picture or folder/,
  );
  await expect(findPictures([join(folder, 'folder.jpg')])).rejects.toThrow(/folder\.jpg: no pictures there/);
});
