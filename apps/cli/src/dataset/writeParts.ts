import type { Dataset, SampleError } from '@roikit/datasets';
import { writeDataset, type WritableFormat } from '@roikit/datasets/node';
import { makeFolder } from '@roikit/training/node';
import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Interrupted, UserError } from '../errors';
import { Progress } from '../terminal/progress';

export interface WritePartsOptions {
  out: string;
  format: WritableFormat;
  signal: AbortSignal;
}

/** What became of one part. */
export interface WrittenPart {
  split: string;
  images: number;
  problems: SampleError[];
  lost: string[];
}

/**
 * Writes parts of a data set into a new folder, which appears when it is whole.
 *
 * @throws UserError where the folder holds something
 */
export async function writeParts(
  parts: readonly { split: string; dataset: Dataset }[],
  { out, format, signal }: WritePartsOptions,
): Promise<WrittenPart[]> {
  await requireEmpty(out);
  const part = `${resolve(out)}.part`;
  await rm(part, { recursive: true, force: true });
  await makeFolder(dirname(resolve(out)));
  try {
    const written: WrittenPart[] = [];
    for (const { split, dataset } of distinctIds(parts))
      written.push({ split, ...(await writePart(dataset, { folder: part, format, split, signal })) });
    await rm(out, { recursive: true, force: true });
    await rename(part, resolve(out));
    return written;
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

async function requireEmpty(out: string): Promise<void> {
  const names = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length > 0) throw new UserError(`${out}: there is something in this folder; choose a new one`);
}

async function writePart(
  dataset: Dataset,
  {
    folder,
    format,
    split,
    signal,
  }: { folder: string; format: WritableFormat; split: string; signal: AbortSignal },
): Promise<Omit<WrittenPart, 'split'>> {
  const progress = new Progress({ title: `writing ${split}`, total: dataset.length });
  const events = writeDataset(dataset, folder, { format, split, signal });
  try {
    for (;;) {
      const { done, value } = await events.next();
      if (done) return value;
      progress.update(value.done);
    }
  } catch (error) {
    if (signal.aborted) throw new Interrupted();
    throw error;
  } finally {
    progress.stop();
  }
}

/** Two formats keep the pictures of all parts in one folder: a name that an earlier part has gets its part's in front. */
function distinctIds<Part extends { split: string; dataset: Dataset }>(parts: readonly Part[]): Part[] {
  const taken = new Set<string>();
  return parts.map((part) => {
    const { split, dataset } = part;
    const own = Array.from({ length: dataset.length }, (_, i) => dataset.id(i));
    const others = new Set(own.map((id) => id.toLowerCase()));
    const ids = own.map((id) => {
      let free = id;
      // Its own part may have a name that looks like one of these.
      while (taken.has(free.toLowerCase()) || (free !== id && others.has(free.toLowerCase())))
        free = `${split}_${free}`;
      return free;
    });
    for (const id of ids) taken.add(id.toLowerCase());
    return { ...part, dataset: { ...dataset, id: (index: number) => ids[index]! } };
  });
}
