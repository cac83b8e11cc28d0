import { writeImage } from '@roikit/image/node';
import { copyFile, mkdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Dataset, Sample } from '../../types';
import { checkChoice } from '../../checks';
import { SampleError } from '../../types';
import { exists } from '../files';
import { cocoWriter } from './cocoWriter';
import type { FormatWriter, WritableFormat, WriterOptions } from './formatWriter';
import { count, lostInWriting, nothingCarried } from './lostInWriting';
import { vocWriter } from './vocWriter';
import { yoloWriter } from './yoloWriter';

export interface WriteDatasetOptions {
  format: WritableFormat;
  /** Name of the part that is written. Default 'train', what most datasets have first. */
  split?: string;
  signal?: AbortSignal;
}

/** One more sample was written, or couldn't be. */
export interface WriteEvent {
  id: string;
  /** Samples dealt with so far. */
  done: number;
  total: number;
}

export interface WriteReport {
  /** Samples written. */
  images: number;
  /** What was left out, and why: pictures that can't be read, boxes the format has no room for. */
  problems: SampleError[];
  /** What the format can't hold of the objects that were written, a sentence each. */
  lost: string[];
}

const writers: Record<WritableFormat, (folder: string, options: WriterOptions) => FormatWriter> = {
  voc: vocWriter,
  coco: cocoWriter,
  yolo: yoloWriter,
};

/**
 * Writes a dataset as one split of a VOC, COCO or YOLO folder; call it again with another `split` to add to the folder.
 * Picture files are copied as they are, pictures without a file become PNG. Iterate to the end: nothing is written
 * before, and the list of samples only then. Rejects where the split is there already.
 */
export async function* writeDataset(
  dataset: Dataset,
  folder: string,
  { format, split = 'train', signal }: WriteDatasetOptions,
): AsyncGenerator<WriteEvent, WriteReport> {
  checkChoice('writeDataset', 'format', format, Object.keys(writers));
  checkClasses(dataset.classes);
  const writer = writers[format](folder, { split, classes: dataset.classes });
  const names = imageNames(dataset);
  if (await exists(writer.mark)) throw splitExists(writer.mark, split);
  try {
    return yield* writeSamples(dataset, { writer, names, format, signal });
  } finally {
    await writer.close?.();
  }
}

async function* writeSamples(
  dataset: Dataset,
  {
    writer,
    names,
    format,
    signal,
  }: { writer: FormatWriter; names: readonly string[]; format: WritableFormat; signal?: AbortSignal },
): AsyncGenerator<WriteEvent, WriteReport> {
  await writer.prepare();
  await mkdir(writer.imageFolder, { recursive: true });
  const report: WriteReport = { images: 0, problems: [], lost: [] };
  const carried = nothingCarried();
  for (let index = 0; index < dataset.length; index++) {
    signal?.throwIfAborted();
    try {
      const sample = await dataset.get(index);
      await putImage(sample, {
        from: dataset.imageFile?.(index),
        to: join(writer.imageFolder, names[index]!),
      });
      report.problems.push(...(await writer.add(sample, names[index]!)));
      count(carried, sample.truth);
      report.images++;
    } catch (error) {
      if (!(error instanceof SampleError)) throw error;
      report.problems.push(error);
    }
    yield { id: dataset.id(index), done: index + 1, total: dataset.length };
  }
  await writer.finish();
  report.lost = lostInWriting(format, { carried, classes: dataset.classes });
  return report;
}

/** File names that differ even without their ending, which is how annotations find their picture. */
function imageNames(dataset: Dataset): string[] {
  const taken = new Set<string>();
  return Array.from({ length: dataset.length }, (_, index) => {
    const id = fileName(dataset.id(index));
    const extension = extname(dataset.imageFile?.(index) ?? 'scene.png');
    // Two ids may only differ in letter case, which some file systems don't tell apart.
    if (taken.has(id.toLowerCase())) {
      throw new RangeError(
        `writeDataset: ids must differ, got '${id}' twice; rename one of the two pictures`,
      );
    }
    taken.add(id.toLowerCase());
    return id + extension;
  });
}

/**
 * An id as a file's name on every system: no separators, control characters or what Windows forbids, no dot in front, which
 * hides it, no space at an end, which lists lose.
 */
function fileName(id: string): string {
  const name = id.replace(/[/\\<>:"|?*]|\p{Cc}|\p{Zl}|\p{Zp}/gu, '_').replace(/^[.\s]|[.\s]$/g, '_');
  return name === '' ? '_' : name;
}

/** Names that XML, lists and readers give back as they are. */
function checkClasses(classes: readonly string[]): void {
  const bad = classes.find((name) => name.trim() !== name || name === '' || /\p{Cc}/u.test(name));
  if (bad === undefined) return;
  throw new RangeError(
    `writeDataset: class names must be text without control characters and spaces at the ends, got ${JSON.stringify(bad)}; rename it`,
  );
}

async function putImage({ image }: Sample, { from, to }: { from?: string; to: string }): Promise<void> {
  return from === undefined ? writeImage(to, image) : copyFile(from, to);
}

function splitExists(mark: string, split: string): SampleError {
  return new SampleError(mark, {
    what: `the split '${split}' was written before`,
    cure: 'choose another folder or split, or delete it first',
  });
}
