import { writeDataset, type WritableFormat, type WriteReport } from '@roikit/datasets/node';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors';
import { resultsDataset } from './resultsDataset';

export interface WriteResultsOptions {
  /** The file of results. */
  results: string;
  /** The run's folder. */
  folder: string;
  format: WritableFormat;
  classes: readonly string[];
  signal?: AbortSignal;
  /** Hears how many pictures are done. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * Writes results as a data set, `<folder>/<format>`, with the pictures beside them. It appears when it is whole.
 *
 * @throws UserError where it is there already: somebody may have corrected it
 */
export async function writeResultsAs(
  options: WriteResultsOptions,
): Promise<{ path: string; report: WriteReport }> {
  const { results, folder, format, classes, signal, onProgress } = options;
  const path = join(folder, format);
  if (existsSync(path)) {
    throw new UserError(
      `${path}: it was written before and may have been corrected since; move it away first`,
    );
  }
  const part = join(folder, `.${format}.part`);
  await rm(part, { recursive: true, force: true });
  const dataset = await resultsDataset(results, { name: format, classes });
  try {
    const events = writeDataset(dataset, part, { format, signal });
    for (;;) {
      const { done, value } = await events.next();
      if (done) {
        await rename(part, path);
        return { path, report: value };
      }
      onProgress?.(value.done, value.total);
    }
  } finally {
    await dataset.close();
    await rm(part, { recursive: true, force: true });
  }
}
