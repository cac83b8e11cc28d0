import { readImageSize } from '@roikit/image/node';
import { readFile } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import pMap from 'p-map';
import { SampleError } from '../../types';
import type { AnnotatedImage, Annotations, ReadOptions } from '../annotations';
import { concurrency, isFile, isSameSplit, noSuchSplit, withoutExtension } from '../files';
import { sampleOf } from '../image';
import type { YoloFiles } from './findYoloFiles';
import { findYoloFiles, listPictures } from './findYoloFiles';
import { parseYolo } from './parseYolo';

/**
 * Reads ultralytics' and darknet's layouts. A picture without a label file has no objects. Every picture's header is
 * read, because the boxes are fractions of its size.
 */
export async function readYolo(path: string, { split, classes }: ReadOptions): Promise<Annotations> {
  const files = await findYoloFiles(path);
  const names = files.names ?? classes;
  if (!names) throw namesMissing(path);
  const pictures = await picturesOf(files, { path, split });
  const problems: SampleError[] = [];
  const labels = pictures.map(labelFile);
  const labelled = await pMap(labels, isFile, { concurrency });
  if (pictures.length > 0 && !labelled.includes(true)) throw labelsMissing(path, labels);
  const read = async (image: string, i: number): Promise<AnnotatedImage | undefined> =>
    readOne(image, { file: labels[i]!, exists: labelled[i]!, names, problems });
  const images = (await pMap(pictures, read, { concurrency })).filter((image) => image !== undefined);
  for (const image of images) image.id = idOf(image.image, { root: files.root, split });
  return { name: basename(resolve(files.root)), classes: classes ?? names, images, problems };
}

async function picturesOf(
  files: YoloFiles,
  { path, split }: { path: string; split?: string },
): Promise<string[]> {
  const known = [...files.sources.keys()];
  const chosen = split === undefined ? known : known.filter((name) => isSameSplit(name, split));
  if (split !== undefined && chosen.length === 0) throw noSuchSplit(join(path, split), { split, known });
  const sources = chosen.flatMap((name) => files.sources.get(name) ?? []);
  const lists = await Promise.all(sources.map(async (source) => listPictures(source, files.root)));
  return [...new Set(lists.flat())];
}

interface Label {
  file: string;
  exists: boolean;
  names: readonly string[];
  problems: SampleError[];
}

async function readOne(
  image: string,
  { file, exists, names, problems }: Label,
): Promise<AnnotatedImage | undefined> {
  try {
    const size = await sampleOf(readImageSize(image));
    const label = parseYolo(exists ? await readFile(file, 'utf8') : '', { file, size });
    problems.push(...label.problems);
    // A number without a name is reported with the other classes that aren't in the list.
    const objects = label.objects.map(({ classIndex, ...object }) => ({
      name: names[classIndex] ?? `number ${classIndex}`,
      ...object,
    }));
    return { id: '', image, file, size, objects };
  } catch (error) {
    if (!(error instanceof SampleError)) throw error;
    problems.push(error);
    return undefined;
  }
}

/** `…/images/…/1.jpg` is labelled by `…/labels/…/1.txt`, any other picture by the `.txt` beside it. */
function labelFile(picture: string): string {
  const parts = withoutExtension(picture).split(sep);
  const last = parts.lastIndexOf('images');
  if (last >= 0) parts[last] = 'labels';
  return `${parts.join(sep)}.txt`;
}

/** The path below the dataset without `images` and the split's own folder. */
function idOf(picture: string, { root, split }: { root: string; split?: string }): string {
  const parts = relative(root, withoutExtension(picture)).split(sep);
  return parts
    .filter((part) => part !== 'images' && (split === undefined || !isSameSplit(part, split)))
    .join('/');
}

function namesMissing(path: string): SampleError {
  return new SampleError(path, {
    what: 'no class names (looked for a .yaml with names, classes.txt, obj.names)',
    cure: 'add one of them, or give `classes`',
  });
}

function labelsMissing(path: string, [first]: readonly string[]): SampleError {
  return new SampleError(path, {
    what: `none of its pictures has a label file (the first looked for is ${first})`,
    cure: 'put labels/ beside images/, or each .txt beside its picture',
  });
}
