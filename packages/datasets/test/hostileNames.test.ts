import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openDataset } from '../src/node';
import { memoryDataset } from './fixtures';
import { classNames, newFolder, write } from './writing';

const formats = ['voc', 'coco', 'yolo'] as const;

// What lists, XML, URLs, YAML and file systems trip over.
const hostileId = fc.oneof(
  fc.constantFrom(
    'classes',
    'train',
    'images',
    'labels',
    'a 1',
    'a -1',
    '.hidden',
    '"a"',
    "'a'",
    'a%20b',
    '100%',
    'C:\\a',
    '../a',
    ' a ',
    'a.',
    'a.jpg',
    'frame.12',
    'é',
    'a\nb',
    '#1',
    '한글 사진',
    'http://x/a',
    '-',
    '~',
    'data',
    'null',
  ),
  fc.string({ minLength: 1, maxLength: 8 }),
);
const hostileIds = fc.uniqueArray(hostileId, { minLength: 1, maxLength: 6 });
const hostileClasses = fc.uniqueArray(
  fc.oneof(
    classNames.map(([name]) => name!),
    fc.string({ minLength: 1, maxLength: 8 }),
    fc.constantFrom(
      '&amp;',
      '&lt;',
      '&#65;',
      '&cent;',
      ']]>',
      '{a: b}',
      '- a',
      '*a',
      '!!a',
      '%',
      '人',
      '🦘',
      '"',
      "'",
    ),
  ),
  { minLength: 1, maxLength: 4 },
);

test.each(formats)(
  '%s: hostile ids and class names come back, or are refused before anything is written',
  async (format) => {
    await fc.assert(
      fc.asyncProperty(hostileIds, hostileClasses, async (ids, classes) => {
        const image = { data: new Uint8Array(12 * 9 * 3).fill(90), width: 12, height: 9 };
        const samples = ids.map((id, i) => ({
          id,
          image,
          truth: {
            boxes: Float32Array.of(i, 1, i + 4, 7),
            labels: Int32Array.of((i % classes.length) + 1),
          },
        }));
        const to = newFolder();
        const report = await write(memoryDataset(samples, classes), to, { format }).catch(
          (error: unknown) => error,
        );
        if (report instanceof RangeError) {
          expect(report.message).toMatch(/^writeDataset: (ids must differ|class names must be)/);
          return;
        }
        expect(report).toMatchObject({ images: ids.length, problems: [] });
        const back = await openDataset(to, {
          split: 'train',
          classes: format === 'voc' ? classes : undefined,
        });
        expect([back.format, back.length, back.problems, back.classes]).toEqual([
          format,
          ids.length,
          [],
          classes,
        ]);
        const lefts = Array.from({ length: back.length }, (_, i) => [
          Math.round(back.truth(i).boxes[0]!),
          back.truth(i).labels[0],
        ]);
        expect(lefts.sort(([a], [b]) => a! - b!)).toEqual(
          samples.map(({ truth }, i) => [i, truth.labels[0]]),
        );
      }),
      { numRuns: 60 },
    );
  },
);
