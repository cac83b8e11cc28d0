import { openDataset, writeDataset, type FileDataset } from '@roikit/datasets/node';
import { subset } from '@roikit/datasets';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testEngine } from '../../../packages/engine/test/testEngine';
import { roikit, temporaryFolder, writeTinyRecipe } from './support';

// Someone with three public data sets, small parts of them, goes the whole way. They are no part of the project.
const shared = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));
const present = existsSync(shared);
if (!present) console.warn('skipped: the way of a user on BCCD, kangaroo and COCO128 (no ../shared/data)');

let folder: string;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Class names and boxes of a data set, by picture. */
function content(dataset: FileDataset): Record<string, string[]> {
  const rows = Array.from({ length: dataset.length }, (_, i) => {
    const { boxes, labels } = dataset.truth(i);
    const objects = Array.from(labels, (label, k) => {
      const box = [...boxes.subarray(4 * k, 4 * k + 4)].map((value) => value.toFixed(1));
      return `${dataset.classes[label - 1]} ${box.join(' ')}`;
    });
    return [basename(dataset.id(i)), objects.sort()] as const;
  });
  return Object.fromEntries(rows.sort(([a], [b]) => a.localeCompare(b)));
}

/** The first pictures of a data set, as VOC with two splits: what the user has. */
async function somePictures(name: string, { train, val }: { train: number; val: number }): Promise<string> {
  const dataset = await openDataset(join(shared, name));
  const out = join(folder, `${name} 한글`);
  const part = (from: number, count: number) =>
    subset(
      dataset,
      Array.from({ length: count }, (_, i) => from + i),
    );
  for await (const _ of writeDataset(part(0, train), out, { format: 'voc', split: 'train' }));
  for await (const _ of writeDataset(part(train, val), out, { format: 'voc', split: 'val' }));
  return out;
}

/** Pictures as people have them: good ones, odd ones, and files that are none. */
async function oddPictures(root: string, photo: string): Promise<{ good: string[]; bad: string[] }> {
  mkdirSync(root, { recursive: true });
  const at = (name: string) => join(root, name);
  const jpeg = readFileSync(photo);
  writeFileSync(at('truncated.jpg'), jpeg.subarray(0, jpeg.length >> 1));
  writeFileSync(at('text.jpg'), 'this is no picture');
  writeFileSync(at('empty.png'), '');
  copyFileSync(photo, at('plain 사진.jpg'));
  await sharp(photo).toColourspace('rgb16').png().toFile(at('deep.png'));
  await sharp(photo).toColourspace('cmyk').jpeg().toFile(at('cmyk.jpg'));
  await sharp(photo).withMetadata({ orientation: 6 }).jpeg().toFile(at('turned.jpg'));
  await sharp(photo).resize(64, 48).gif().toFile(at('still.gif'));
  await sharp({ create: { width: 2, height: 400, channels: 3, background: '#808080' } })
    .png()
    .toFile(at('thin.png'));
  writeFileSync(at('tiny.bmp'), bitmap(20, 10));
  const good = ['plain 사진.jpg', 'deep.png', 'cmyk.jpg', 'turned.jpg', 'still.gif', 'thin.png', 'tiny.bmp'];
  return { good, bad: ['truncated.jpg', 'text.jpg', 'empty.png'] };
}

/** A grey Windows bitmap of 24 bits. */
function bitmap(width: number, height: number): Buffer {
  const row = Math.ceil((width * 3) / 4) * 4;
  const file = Buffer.alloc(54 + row * height, 0x90);
  file.write('BM', 0, 'latin1');
  file.writeUInt32LE(file.length, 2);
  file.fill(0, 6, 54);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  return file;
}

async function succeeds(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await roikit(...args);
  expect({ code, error: code === 0 ? '' : stderr }).toEqual({ code: 0, error: '' });
  return stdout;
}

describe.skipIf(!present)('someone on public data', () => {
  test.each([
    ['bccd', { images: 364, objects: 4886, badBoxes: 2 }],
    ['kangaroo', { images: 164, objects: 266, badBoxes: 0 }],
    ['coco128', { images: 128, objects: 939, crowds: 10 }],
  ])('%s is inspected', async (name, expected) => {
    const stdout = await succeeds('dataset', 'inspect', join(shared, name), '--json', '--no-sheet');
    expect(JSON.parse(stdout)).toMatchObject(expected);
  });

  test.each(['bccd', 'kangaroo', 'coco128'])('%s: VOC → COCO → YOLO → VOC', async (name) => {
    const voc = await somePictures(name, { train: 8, val: 3 });
    const formats = ['coco', 'yolo', 'voc'] as const;
    let from = voc;
    for (const format of formats) {
      const to = join(folder, `${name}-${format}`);
      await succeeds('dataset', 'convert', from, to, '--to', format);
      from = to;
    }
    for (const split of ['train', 'val']) {
      const after = await openDataset(from, { split });
      expect(content(after)).toEqual(content(await openDataset(voc, { split })));
    }
  });

  test('bccd: train, resume, evaluate, detect odd pictures, report', async () => {
    const voc = join(folder, 'bccd 한글');
    const run = join(folder, 'run');
    const flags = ['--engine', testEngine, '--cache', join(folder, 'cache')];
    const data = ['--data', voc, '--split', 'train', '--val-split', 'val', '--out', run];
    const recipe = writeTinyRecipe(folder, { epochs: 1 });
    await succeeds('train', ...data, '--recipe', recipe, ...flags);
    const resumed = await succeeds('train', '--resume', '--out', run, '--epochs', '2', '--json', ...flags);
    expect(JSON.parse(resumed)).toMatchObject({ folder: run, images: 3, coco: { AP50: expect.any(Number) } });
    const log = readFileSync(join(run, 'metrics.jsonl'), 'utf8');
    expect(log.match(/"type":"epoch"/g)).toHaveLength(2);

    const report = join(folder, 'report');
    const measured = ['--data', voc, '--split', 'val', '--engine', testEngine, '--out', report, '--json'];
    await succeeds('evaluate', run, ...measured);
    expect(readdirSync(report)).toEqual(
      expect.arrayContaining(['report.html', 'report.json', 'results.csv', 'results.json']),
    );

    const odd = join(folder, 'odd pictures');
    const { good, bad } = await oddPictures(odd, (await openDataset(voc)).imageFile(0));
    const out = join(folder, 'found');
    const detect = ['detect', odd, '--model', run, '--score', '0.01', '--engine', testEngine, '--out', out];
    const { code, stdout, stderr } = await roikit(...detect, '--format', 'coco', '--json');
    expect(code).toBe(1);
    const lines = stdout
      .trim()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as { image: string; error?: string; width: number; height: number; drawn: string },
      );
    const named = (some: typeof lines) => some.map(({ image }) => basename(image)).sort();
    expect(named(lines.filter(({ error }) => error === undefined))).toEqual([...good].sort());
    expect(named(lines.filter(({ error }) => error !== undefined))).toEqual([...bad].sort());
    for (const name of bad) expect(stderr).toContain(join(odd, name));
    expect(stderr).toContain("3 pictures of 10 can't be read");
    const sizes = Object.fromEntries(
      lines.map(({ image, width, height }) => [basename(image), [width, height]]),
    );
    expect(sizes).toMatchObject({ 'turned.jpg': [480, 640], 'thin.png': [2, 400], 'tiny.bmp': [20, 10] });
    for (const { drawn, error } of lines) if (error === undefined) expect(existsSync(drawn)).toBe(true);
    const written = await openDataset(join(out, 'coco'));
    expect(written.length).toBe(good.length);
    expect(written.problems.filter(({ kind }) => kind !== 'note')).toEqual([]);
  }, 120_000);
});
