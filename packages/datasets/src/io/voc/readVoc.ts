import { readImageSize } from '@roikit/image/node';
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import pMap from 'p-map';
import { SampleError } from '../../types';
import type { AnnotatedImage, Annotations, ReadOptions } from '../annotations';
import { concurrency, findImage, isFile, withoutExtension } from '../files';
import { sampleOf } from '../image';
import type { VocFile } from './findVocFiles';
import { findVocFiles } from './findVocFiles';
import type { VocAnnotation } from './parseVoc';
import { parseVoc } from './parseVoc';

/** Reads a folder of PASCAL VOC XML; `findVocFiles` has the layouts. */
export async function readVoc(root: string, { split, classes }: ReadOptions): Promise<Annotations> {
  const { inSplit, all } = await findVocFiles(root, split);
  const problems: SampleError[] = [];
  const read = await pMap(inSplit, async (file) => keepProblem(readOne(file), problems), { concurrency });
  const images = read.filter((image) => image !== undefined);
  return {
    name: basename(resolve(root)),
    classes: classes ?? (await discoverClasses(images, all)),
    images,
    problems,
  };
}

async function readOne(source: VocFile): Promise<AnnotatedImage> {
  const { filename, size, objects } = await parseFile(source.file);
  const image = await imagePath(source, filename);
  return { id: source.id, image, file: source.file, size: size ?? (await sizeOf(image)), objects };
}

async function parseFile(file: string): Promise<VocAnnotation> {
  const xml = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new SampleError(file, {
      what: 'the annotation is missing or unreadable, sample skipped',
      cure: 'put the file there, or take it out of the split',
      cause,
    });
  });
  return parseVoc(xml, file);
}

/** The annotation's own name decides, as in the devkit: <filename> is often left over from before a rename. */
async function imagePath({ file, imageFolder }: VocFile, filename: string | undefined): Promise<string> {
  const stem = withoutExtension(basename(file));
  return (await findImage(imageFolder, stem)) ?? join(imageFolder, basename(filename ?? `${stem}.jpg`));
}

/** A missing picture is reported with the others later; its size doesn't matter any more. */
async function sizeOf(image: string): Promise<AnnotatedImage['size']> {
  return (await isFile(image)) ? sampleOf(readImageSize(image)) : { width: 0, height: 0 };
}

/** Every class name on the images read and in the files of other splits. */
async function discoverClasses(
  images: readonly AnnotatedImage[],
  all: readonly VocFile[],
): Promise<string[]> {
  const read = new Set(images.map(({ file }) => file));
  const others = all.filter(({ file }) => !read.has(file));
  const ignored: SampleError[] = [];
  const parsed = await pMap(others, async ({ file }) => keepProblem(parseFile(file), ignored), {
    concurrency,
  });
  const annotations = [...images, ...parsed.filter((annotation) => annotation !== undefined)];
  return [...new Set(annotations.flatMap(({ objects }) => objects.map(({ name }) => name)))].sort();
}

/** The promise's value, or undefined and one more problem where it fails on a sample. */
async function keepProblem<T>(promise: Promise<T>, problems: SampleError[]): Promise<T | undefined> {
  return promise.catch((error: unknown) => {
    if (!(error instanceof SampleError)) throw error;
    problems.push(error);
    return undefined;
  });
}
