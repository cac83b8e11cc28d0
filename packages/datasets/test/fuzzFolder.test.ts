import * as fc from 'fast-check';
import { test } from 'vitest';
import type { DatasetFormat } from '../src/node';
import { open, part, run } from './fuzzSupport';

test('a folder of any files is a dataset or an error of a file, whatever the format', async () => {
  const content = fc.oneof(
    fc.constantFrom(
      '',
      '{}',
      '[]',
      '{"shapes": [1]}',
      '{"images": [], "annotations": [], "categories": []}',
      '<annotation/>',
      '<annotations><image/></annotations>',
      'names: [a]',
      'names: {0: a, 0: b}\ntrain: .',
      '0 .5 .5 .1 .1',
      '[{"data": {}, "annotations": []}]',
    ),
    fc.string(),
  );
  const file = fc.tuple(part, fc.constantFrom('.xml', '.json', '.yaml', '.txt', '.jpg', '.names'), content);
  const formats = fc.constantFrom('auto', 'voc', 'coco', 'yolo', 'labelme', 'cvat');
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 6 }), formats, async (files, format) => {
      const written = Object.fromEntries(
        files.map(([name, ending, text]) => [name.replace(/\//g, '_') + ending, text]),
      );
      await open(written, format as DatasetFormat);
    }),
    run,
  );
});
