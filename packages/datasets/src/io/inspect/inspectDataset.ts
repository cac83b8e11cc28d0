import { extname, join } from 'node:path';
import type { ProblemKind } from '../../types';
import { openWithReasons } from '../openDataset';
import type { OpenDatasetOptions } from '../openDataset';
import type { DatasetFormat, FileDataset } from '../fileDataset';
import { formats } from '../formats';
import { pathIn, picturesOf, readTree } from '../folder/fileTree';
import { folderOf } from '../folder/folders';
import { isNameFile } from '../yolo/yoloNames';
import { duplicateFiles } from './duplicateFiles';

/** What `inspectDataset` found: plain data, as JSON can hold it. */
export interface DatasetInspection {
  path: string;
  name: string;
  format: DatasetFormat;
  /** The format's name, and why it was taken for that. */
  title: string;
  why: string;
  images: number;
  objects: number;
  /** Pictures on which nothing is annotated. */
  emptyImages: number;
  /** By class, in the order of labels: objects, and pictures that have one. */
  classes: { name: string; objects: number; images: number }[];
  /** Sizes of pictures, the most frequent first. */
  sizes: { width: number; height: number; images: number }[];
  /** Square root of the area of boxes in pixels: smallest, quartiles, largest; absent without objects. */
  boxSizes?: [number, number, number, number, number];
  difficult: number;
  crowds: number;
  /** Boxes that were left out when opening: no area, outside, of no class. */
  badBoxes: number;
  /** Objects that are there twice, of one class and with one box, beyond the first. */
  repeatedBoxes: number;
  /** Pictures with the same bytes, by path. */
  duplicates: string[][];
  /** Files below the folder that the dataset doesn't use. */
  unused: { pictures: string[]; annotations: string[] };
  problems: { kind: ProblemKind; file: string; message: string }[];
}

/** Opens a dataset as `openDataset` does, and says what it is and what is odd about it. Rejects where that does. */
export async function inspectDataset(
  path: string,
  options: Omit<OpenDatasetOptions, 'strict'> = {},
): Promise<DatasetInspection> {
  const { dataset, detection, known } = await openWithReasons(path, options);
  const files = Array.from({ length: dataset.length }, (_, i) => dataset.imageFile(i));
  const unused = await unusedOf(path, { files, known });
  return {
    path,
    name: dataset.name,
    format: dataset.format,
    title: formats[dataset.format].title,
    why: detection.why,
    ...countObjects(dataset),
    sizes: countSizes(dataset),
    badBoxes: dataset.problems.filter(({ kind }) => kind === 'object').length,
    duplicates: await duplicateFiles([...files, ...unused.pictures]),
    unused,
    problems: dataset.problems.map(({ kind, file, message }) => ({ kind, file, message })),
  };
}

type Counts = Pick<
  DatasetInspection,
  'images' | 'objects' | 'emptyImages' | 'classes' | 'boxSizes' | 'difficult' | 'crowds' | 'repeatedBoxes'
>;

function countObjects(dataset: FileDataset): Counts {
  const classes = dataset.classes.map((name) => ({ name, objects: 0, images: 0 }));
  const sizes: number[] = [];
  const counts = {
    images: dataset.length,
    objects: 0,
    emptyImages: 0,
    difficult: 0,
    crowds: 0,
    repeatedBoxes: 0,
  };
  for (let index = 0; index < dataset.length; index++) {
    const { boxes, labels, difficult, crowd } = dataset.truth(index);
    const seen = new Set<string>();
    labels.forEach((label, i) => {
      const box = boxes.subarray(4 * i, 4 * i + 4);
      seen.add(`${label} ${box.join(' ')}`);
      sizes.push(Math.sqrt((box[2]! - box[0]!) * (box[3]! - box[1]!)));
      classes[label - 1]!.objects++;
    });
    for (const label of new Set(labels)) classes[label - 1]!.images++;
    counts.objects += labels.length;
    counts.emptyImages += Number(labels.length === 0);
    counts.repeatedBoxes += labels.length - seen.size;
    counts.difficult += difficult?.reduce((a, b) => a + b, 0) ?? 0;
    counts.crowds += crowd?.reduce((a, b) => a + b, 0) ?? 0;
  }
  return { ...counts, classes, ...(sizes.length > 0 && { boxSizes: quartiles(sizes) }) };
}

function quartiles(values: number[]): [number, number, number, number, number] {
  values.sort((a, b) => a - b);
  const at = (share: number): number => values[Math.round(share * (values.length - 1))]!;
  return [at(0), at(0.25), at(0.5), at(0.75), at(1)];
}

function countSizes(dataset: FileDataset): DatasetInspection['sizes'] {
  const counts = new Map<string, DatasetInspection['sizes'][number]>();
  for (let index = 0; index < dataset.length; index++) {
    const { width, height } = dataset.size(index);
    const entry = counts.get(`${width}×${height}`) ?? { width, height, images: 0 };
    entry.images++;
    counts.set(`${width}×${height}`, entry);
  }
  return [...counts.values()].sort((a, b) => b.images - a.images || a.width - b.width || a.height - b.height);
}

const annotationEndings = ['.xml', '.json', '.txt', '.csv'];

async function unusedOf(
  path: string,
  { files, known }: { files: readonly string[]; known: Iterable<string> },
): Promise<DatasetInspection['unused']> {
  const tree = await readTree(await folderOf(path));
  const used = new Set([...files, ...known].map((file) => join(file)));
  const rest = (list: readonly string[]): string[] =>
    list.map((file) => join(pathIn(tree, file))).filter((file) => !used.has(file));
  const annotations = tree.files.filter(
    (file) =>
      annotationEndings.includes(extname(file).toLowerCase()) &&
      // Lists of classes and splits, and read-mes, are no annotations.
      !isNameFile(file) &&
      !/(^|\/)(ImageSets\/.*|(train|val|valid|validation|test|trainval)\.txt|[^/]*readme[^/]*|notes\.json)$/i.test(
        file,
      ),
  );
  return { pictures: rest(picturesOf(tree)), annotations: rest(annotations) };
}
