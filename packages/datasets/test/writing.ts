import * as fc from 'fast-check';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { writeDataset, type WriteDatasetOptions, type WriteReport } from '../src/node';
import type { Dataset } from '../src';
import { temporaryFolder } from './fixtures';

const folder = temporaryFolder();
export const newFolder = (): string => mkdtempSync(join(folder, 'd-'));

/** Writes a dataset whole. */
export async function write(
  dataset: Dataset,
  to: string,
  options: WriteDatasetOptions,
): Promise<WriteReport> {
  const events = writeDataset(dataset, to, options);
  for (;;) {
    const { done, value } = await events.next();
    if (done) return value;
  }
}

/** Names that look like numbers, markup, YAML or prototypes. */
export const classNames = fc.uniqueArray(
  fc.oneof(
    fc.constantFrom(
      '1e5',
      '007',
      'null',
      'yes',
      'a & b',
      '<b>',
      'x: y',
      '#1',
      '漢字',
      '__proto__',
      "d'oh",
      '"q"',
    ),
    fc.stringMatching(/^[a-zA-Z0-9][ -~]{0,8}[a-zA-Z0-9]$/),
  ),
  { minLength: 1, maxLength: 5 },
);
