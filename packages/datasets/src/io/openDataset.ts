import pMap from 'p-map';
import { checkChoice } from '../checks';
import { SampleError } from '../types';
import type { ReadOptions } from './annotations';
import { counted } from './counted';
import { detectFormat, type Detection } from './detectFormat';
import type { DatasetFormat, FileDataset } from './fileDataset';
import { createFileDataset } from './fileDataset';
import { concurrency, exists } from './files';
import { formats } from './formats';
import { requirePixels } from './requirePixels';
import { similarClasses } from './similarClasses';
import { unusedFiles } from './unusedFiles';

export interface OpenDatasetOptions extends ReadOptions {
  /** 'auto' looks into the files. @default 'auto', for most folders can be only one of the five */
  format?: 'auto' | DatasetFormat;
  /**
   * Reject where anything is wrong, and decode every picture now to know. Default false: a public dataset of any size
   * has a few bad files (BCCD has two), and they are listed in `problems`.
   */
  strict?: boolean;
}

/**
 * Opens a folder (or file) of VOC, COCO, YOLO, labelme or CVAT annotations. Annotations and the headers of pictures are
 * read and checked now, pictures decoded by `get`.
 *
 * A bad box is left out, and so is a sample without a usable annotation or picture; each is listed in `problems`, with
 * what the folder holds and was not used. What only decoding can tell (a truncated JPEG) is a SampleError from `get`.
 * Rejects where nothing at all can be used, with a SampleError, and under `strict` with an AggregateError of all
 * problems that cost a sample or an object.
 */
export async function openDataset(path: string, options: OpenDatasetOptions = {}): Promise<FileDataset> {
  return (await openWithReasons(path, options)).dataset;
}

export interface OpenedDataset {
  dataset: FileDataset;
  /** What it was taken for, and why. */
  detection: Detection;
  /** Annotation files that belong to it. */
  known: Iterable<string>;
}

/** `openDataset`, with what was found out on the way. */
export async function openWithReasons(path: string, options: OpenDatasetOptions): Promise<OpenedDataset> {
  const { format = 'auto', strict = false, ...reading } = options;
  if (typeof path !== 'string')
    throw new TypeError(`openDataset: path must be that of a folder or file, got ${String(path)}`);
  checkChoice('openDataset', 'format', format, ['auto', ...Object.keys(formats)]);
  checkClasses(reading.classes);
  if (!(await exists(path))) {
    throw new SampleError(path, { what: 'there is no such file or folder', cure: 'check the path' });
  }
  const detection: Detection =
    format === 'auto' ? await detectFormat(path, reading) : { format, why: 'as given' };
  const annotations = await formats[detection.format].read(path, reading);
  requirePixels(annotations.images);
  annotations.problems.push(...similarClasses(path, annotations.classes));
  if (detection.others) annotations.problems.push(otherFormats(path, detection));
  annotations.problems.push(...(await unusedFiles(path, { annotations, reading })));
  const { maxPixels } = reading;
  const dataset = await createFileDataset(annotations, { format: detection.format, maxPixels });
  if (strict) await requireSound(dataset, path);
  if (dataset.length === 0) throw nothingFound(dataset, path);
  return { dataset, detection, known: annotations.known ?? [] };
}

function otherFormats(path: string, { format, why, others }: Detection): SampleError {
  return new SampleError(path, {
    what: `taken as ${format} (${why}), but there is more: ${others}`,
    cure: 'give `format` to read the other',
    kind: 'note',
  });
}

function checkClasses(classes: readonly string[] | undefined): void {
  if (classes === undefined) return;
  if (!Array.isArray(classes))
    throw new TypeError(`openDataset: classes must be an array of names, got ${JSON.stringify(classes)}`);
  const repeated = classes.find((name, i) => classes.indexOf(name) !== i);
  if (repeated !== undefined)
    throw new RangeError(`openDataset: classes must differ, got '${repeated}' twice`);
  if (classes.length === 0) {
    throw new RangeError(
      'openDataset: classes must name at least one class, got []; leave it out to find them',
    );
  }
}

/** Throws one error for all problems, those that only decoding finds among them. */
async function requireSound(dataset: FileDataset, path: string): Promise<void> {
  const indices = Array.from({ length: dataset.length }, (_, i) => i);
  const decoded = await pMap(indices, async (i) => failure(dataset.get(i)), { concurrency });
  const opening = dataset.problems.filter(({ kind }) => kind !== 'note');
  const problems = [...opening, ...decoded.filter((problem) => problem !== undefined)];
  if (problems.length === 0) return;
  const lines = problems.slice(0, 10).map((problem) => `\n  ${problem.message}`);
  const more = problems.length > lines.length ? `\n  and ${problems.length - lines.length} more` : '';
  throw new AggregateError(
    problems,
    `openDataset: ${counted(problems.length, 'problem')} in ${path} (strict)${lines.join('')}${more}`,
  );
}

function nothingFound({ problems, format }: FileDataset, path: string): SampleError {
  const faults = problems.filter(({ kind }) => kind !== 'note');
  const why = faults[0] ? `; the first of ${counted(faults.length, 'problem')}: ${faults[0].message}` : '';
  return new SampleError(path, {
    what: `no usable ${format} sample in it${why}`,
    cure: 'see the README of @roikit/datasets for the folder layouts',
  });
}

async function failure(sample: Promise<unknown>): Promise<SampleError | undefined> {
  return sample.then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof SampleError) return error;
      throw error;
    },
  );
}
