import { writeImage } from '@roikit/image/node';
import * as fc from 'fast-check';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openImageFolder } from '../src/node';

const root = mkdtempSync(join(tmpdir(), 'roikit-folders-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let bytes: Uint8Array;
beforeAll(async () => {
  // What a file holds decides, not its ending.
  const file = join(root, 'a.png');
  await writeImage(file, { width: 5, height: 3, data: new Uint8Array(45) });
  bytes = readFileSync(file);
});

function write(files: Record<string, Uint8Array | string>): string {
  const folder = mkdtempSync(join(root, 'f-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

const name = fc
  .oneof(
    fc.constantFrom(
      'cat',
      'Cat',
      'a b',
      '한글',
      '100%',
      '#1',
      "it's",
      '__proto__',
      'constructor',
      '1',
      '01',
      'a.jpg',
      '-',
    ),
    fc.stringMatching(/^[!#-.0-9:-[\]-~äé漢字]{1,6}$/),
  )
  .filter((text) => !text.startsWith('.') && text.trim() === text);
const ending = fc.constantFrom('.jpg', '.JPG', '.Jpeg', '.png', '.bmp', '.webp', '.txt', '', '.jpg.txt');
const file = fc.record({
  path: fc.array(name, { minLength: 2, maxLength: 4 }).map((parts) => parts.join('/')),
  ending,
  good: fc.boolean(),
});
// A path can't be a file and a folder.
const files = fc
  .uniqueArray(file, { maxLength: 8, selector: ({ path }) => path.toLowerCase() })
  .filter((list) => !list.some((a) => list.some((b) => b.path.startsWith(`${a.path}${a.ending}/`))));

const isPicture = (path: string): boolean => /\.(jpe?g|png|bmp|webp)$/i.test(path);

describe('a folder of class folders', () => {
  test('every picture below a class is a sample of it, or an error that names the file', async () => {
    await fc.assert(
      fc.asyncProperty(files, async (list) => {
        const paths = list.map((one) => ({ ...one, path: one.path + one.ending }));
        const folder = write(
          Object.fromEntries(paths.map(({ path, good }) => [path, good ? bytes : 'text'])),
        );
        const pictures = paths.filter(({ path }) => isPicture(path));
        const classes = [...new Set(pictures.map(({ path }) => path.split('/')[0]!))].sort();
        if (classes.length < 2) {
          await expect(openImageFolder(folder)).rejects.toThrow(RangeError);
          return;
        }
        const dataset = await openImageFolder(folder);
        expect(dataset.classes).toEqual(classes);
        expect(dataset.length).toBe(pictures.length);
        for (let i = 0; i < dataset.length; i++) {
          const own = pictures.find(({ path }) => join(folder, path) === dataset.name!(i))!;
          if (own.good) {
            const { label, image } = await dataset.get(i);
            expect([classes[label], image.width]).toEqual([own.path.split('/')[0], 5]);
          } else await expect(dataset.get(i)).rejects.toThrow(join(folder, own.path));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("linked classes and folders count, loops end, and macOS's shadows of files are no pictures", async () => {
    const elsewhere = write({ '1.jpg': bytes, 'deep/2.jpg': bytes });
    const folder = write({ 'cat/1.jpg': bytes, 'cat/._1.jpg': 'shadow', '.cache/x.jpg': bytes });
    symlinkSync(elsewhere, join(folder, 'dog'));
    symlinkSync(folder, join(folder, 'cat', 'loop'));
    symlinkSync(join(folder, 'nowhere'), join(folder, 'broken'));
    const dataset = await openImageFolder(folder);
    expect(dataset.classes).toEqual(['cat', 'dog']);
    const names = Array.from({ length: dataset.length }, (_, i) => dataset.name!(i).slice(folder.length + 1));
    expect(names.filter((path) => path.startsWith('dog'))).toEqual(['dog/1.jpg', 'dog/deep/2.jpg']);
    expect(names).toContain('cat/1.jpg');
    expect(names.some((path) => path.includes('._'))).toBe(false);
  });
});

test('a folder of class folders, classes by name; a broken picture is named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'roikit-classes-'));
  for (const name of ['dog', 'cat', 'empty', 'dog/puppies']) mkdirSync(join(folder, name));
  const red = (value: number) => ({ data: Uint8Array.of(value, 0, 0, value, 0, 0), width: 2, height: 1 });
  await writeImage(join(folder, 'dog/1.PNG'), red(10));
  await writeImage(join(folder, 'dog/puppies/3.png'), red(30));
  await writeImage(join(folder, 'cat/a.tif'), red(40));
  for (const file of ['dog/2.png', 'dog/notes.txt']) writeFileSync(join(folder, file), file);
  const dataset = await openImageFolder(folder);
  expect([dataset.classes, dataset.length]).toEqual([['cat', 'dog'], 4]);
  expect(await dataset.get(0)).toEqual({ image: red(40), label: 0 });
  expect(await dataset.get(1)).toEqual({ image: red(10), label: 1 });
  expect(await dataset.get(3)).toEqual({ image: red(30), label: 1 });
  await expect(dataset.get(2)).rejects.toThrow(/dog\/2\.png: the picture can't be decoded/);
  await expect(openImageFolder(join(folder, 'dog'))).rejects.toThrow(/two or more folders/);
  await expect(openImageFolder(join(folder, 'none'))).rejects.toThrow(/check the path/);
});
