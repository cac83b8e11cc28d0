import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Sample } from '../src';
import { openDataset } from '../src/node';
import { memoryDataset } from './fixtures';
import { newFolder, write } from './writing';

const image = { width: 12, height: 9, data: new Uint8Array(12 * 9 * 3) };
const sampleOf = (...boxes: number[]): Sample => ({
  id: 'a',
  image,
  truth: { boxes: Float32Array.from(boxes), labels: new Int32Array(boxes.length / 4).fill(1) },
});

test.each(['', ' cat', 'cat ', 'a\nb', 'a\u0007'])(
  'the class %j is refused, nothing written',
  async (name) => {
    const folder = newFolder();
    const written = write(memoryDataset([sampleOf(1, 1, 5, 5)], ['dog', name]), folder, { format: 'yolo' });
    await expect(written).rejects.toThrow(
      `class names must be text without control characters and spaces at the ends, got ${JSON.stringify(name)}`,
    );
    expect(readdirSync(folder)).toEqual([]);
  },
);

// VOC's corners are inclusive and begin at 1: [x1 + 1, x2].
test.each([
  ['as wide as a pixel', [3, 2, 4, 7], false],
  ['as high as a pixel', [3, 2, 8, 3], false],
  ['a little wider', [3, 2, 4.5, 7], true],
  ['a little higher', [3, 2, 8, 3.5], true],
  ['two pixels', [3, 2, 5, 4], true],
])('VOC: a box that is %s', async (_, box, fits) => {
  const folder = newFolder();
  const dataset = memoryDataset([sampleOf(...(box as number[]), 0, 0, 9, 9)], ['cat']);
  const { problems } = await write(dataset, folder, { format: 'voc' });
  expect(problems.map(({ message }) => /is no wider or higher than a pixel/.test(message))).toEqual(
    fits ? [] : [true],
  );
  const text = readFileSync(join(folder, 'Annotations/a.xml'), 'utf8');
  expect(text.match(/<object>/g)).toHaveLength(fits ? 2 : 1);
  const { boxes } = (await openDataset(folder)).truth(0);
  expect([...boxes]).toEqual([...(fits ? (box as number[]) : []), 0, 0, 9, 9]);
});
