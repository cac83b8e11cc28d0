import * as fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { SampleError } from '../src';
import { openDataset, type DatasetFormat, type FileDataset } from '../src/node';
import { picture, temporaryFolder, writeFiles } from './fixtures';

const root = temporaryFolder();
export const size = { width: 20, height: 12 };
let jpeg: Uint8Array;
beforeAll(async () => {
  jpeg = await picture(size.width, size.height);
});

/** Names of files and folders that shells, lists, URLs, XML and YAML trip over. */
export const part = fc
  .oneof(
    fc.constantFrom(
      'images',
      'labels',
      'train',
      'val',
      'a',
      'A',
      '1',
      '01',
      'a b',
      '한글',
      'ä',
      '100%',
      'a%20b',
      '#1',
      "it's",
      '"q"',
      '&amp;',
      '<b>',
      '-',
      'null',
      'a.b',
      'x.txt',
      '__proto__',
    ),
    fc.stringMatching(/^[!#-.0-9:-[\]-~äé漢字]{1,6}$/),
  )
  .filter((name) => !name.startsWith('.') && !/^\s|\s$/.test(name));
const pathOf = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));

/** A number as files have it, mostly good. */
export const numberText = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: 0, max: 12, noNaN: true }).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      'nan',
      'NaN',
      'inf',
      '-1',
      '1e999',
      '١',
      '0x10',
      '1,5',
      '99999999999999999999',
      '-0',
    ),
  },
);
const className = fc.oneof(
  fc.constantFrom('cat', 'dog', '1', ''),
  fc.string({ maxLength: 5 }),
  fc.constantFrom('人', '__proto__', 'a]]>b', '&lt;'),
);
const object = fc.record({ name: className, box: fc.tuple(numberText, numberText, numberText, numberText) });
export type FuzzObject = typeof object extends fc.Arbitrary<infer T> ? T : never;

/** Whether a picture is there, broken, or not; what is annotated on it. */
const sample = fc.record({
  path: pathOf,
  picture: fc.constantFrom('good', 'good', 'good', 'broken', 'missing'),
  objects: fc.array(object, { maxLength: 4 }),
  encoding: fc.constantFrom('utf8', 'utf8', 'mark', 'utf16', 'latin1'),
  damage: fc.option(fc.tuple(fc.nat(200), fc.string({ maxLength: 3 })), { freq: 5, nil: undefined }),
});
export type FuzzSample = typeof sample extends fc.Arbitrary<infer T> ? T : never;
export const samples = fc
  .uniqueArray(sample, { minLength: 1, maxLength: 6, selector: ({ path }) => path.toLowerCase() })
  // A path can't be a file and a folder.
  .filter(
    (list) =>
      !list.some((a) => list.some((b) => b.path.startsWith(`${a.path}.`) || b.path.startsWith(`${a.path}/`))),
  );

export function encoded(
  text: string,
  { encoding, damage }: Pick<FuzzSample, 'encoding' | 'damage'>,
): Uint8Array {
  const broken = damage ? text.slice(0, damage[0]) + damage[1] + text.slice(damage[0] + 3) : text;
  if (encoding === 'utf16') return Buffer.from(`\uFEFF${broken}`, 'utf16le');
  if (encoding === 'latin1') return Buffer.from(broken, 'latin1');
  return Buffer.from((encoding === 'mark' ? '\uFEFF' : '') + broken);
}

export function pictures(list: readonly FuzzSample[], folder = ''): Record<string, Uint8Array> {
  return Object.fromEntries(
    list
      .filter((one) => one.picture !== 'missing')
      .map((one) => [`${folder}${one.path}.jpg`, one.picture === 'good' ? jpeg : jpeg.subarray(0, 30)]),
  );
}

/** Opens what was written; undefined where nothing at all was usable, which must be an error of a file. */
export async function open(
  files: Record<string, string | Uint8Array>,
  format: DatasetFormat,
): Promise<FileDataset | undefined> {
  const folder = mkdtempSync(join(root, 'f-'));
  try {
    await writeFiles(folder, files);
    return await openDataset(folder, { format });
  } catch (error) {
    expect(error).toBeInstanceOf(SampleError);
    expect((error as SampleError).message).toMatch(/^.+: .+; .+/s);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Samples in = samples out + problems, and every box is finite and within its picture. */
export function expectNothingLost(dataset: FileDataset, count: number): void {
  const lost = dataset.problems.filter(({ kind }) => kind === 'sample');
  expect(dataset.length + lost.length).toBe(count);
  expect(new Set(Array.from({ length: dataset.length }, (_, i) => dataset.id(i))).size).toBe(dataset.length);
  for (let i = 0; i < dataset.length; i++) {
    const { boxes, labels } = dataset.truth(i);
    expect(boxes).toHaveLength(labels.length * 4);
    boxes.forEach((edge, k) =>
      expect(edge >= 0 && edge <= (k % 2 === 0 ? size.width : size.height)).toBe(true),
    );
    labels.forEach((label) => expect(dataset.classes[label - 1]).toBeDefined());
  }
}

export const escaped = (text: string): string =>
  text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/"/g, '&quot;')
    .replace(/\p{Cc}|[\ufffe\uffff]/gu, '');

/** Few enough for a second a test; CI's seeds differ, so that many runs try more. */
export const run = { numRuns: 25 };

/** JSON nested so deep that recursive code runs out of stack, or not quite. */
export const deepJson = fc
  .tuple(fc.constantFrom('[]', '{}'), fc.constantFrom(3, 500, 30_000))
  .map(([[open, close], depth]: [string, number] | never) =>
    open === '[' ? '['.repeat(depth) + ']'.repeat(depth) : `${'{"a":'.repeat(depth)}1${close!.repeat(depth)}`,
  );

/** Tags that no annotation has: of names that JavaScript has too, nested deep, of other formats. */
export const hostileTag = fc.oneof(
  fc
    .constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a:b', 'x')
    .map((tag) => `<${tag}>1</${tag}>`),
  fc.constantFrom(2, 90, 20_000).map((depth) => '<x>'.repeat(depth) + '</x>'.repeat(depth)),
  fc.constantFrom(
    '<!-- -- -->',
    '<![CDATA[<object>]]>',
    '<?php ?>',
    '&#0;',
    '&#x110000;',
    '&nosuch;',
    '<object',
  ),
);
