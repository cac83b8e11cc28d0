import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { SampleError } from '../../types';
import type { AnnotatedImage, Annotations, ReadOptions } from '../annotations';
import { isFile, isSameSplit, listByExtension, subfolders, withoutExtension } from '../files';
import { parseCoco } from './parseCoco';

/**
 * Reads a COCO detection file: `path` itself, or the one in the folder `path` (or its subfolders) that `split` names,
 * as in `annotations/instances_val2017.json` or `valid/_annotations.coco.json`.
 */
export async function readCoco(path: string, { split, classes }: ReadOptions): Promise<Annotations> {
  const file = (await isFile(path)) ? path : await findJson(path, split);
  const root = file === path ? dirname(path) : path;
  const coco = parseCoco(await readFile(file, 'utf8'), file);
  const folder = await imageFolder(coco.images, { root, file, split });
  const images = coco.images.map((image) => ({ ...image, image: join(folder, image.image) }));
  return { name: basename(resolve(root)), classes: classes ?? coco.classes, images, problems: coco.problems };
}

async function findJson(root: string, split: string | undefined): Promise<string> {
  const all: string[] = [];
  for (const folder of [root, ...(await subfolders(root, { depth: 1 }))]) {
    all.push(...(await listByExtension(folder, ['.json'])).map((name) => join(folder, name)));
  }
  const candidates =
    split === undefined ? all : all.filter((file) => namesSplit(relative(root, file), split));
  // captions_*.json and person_keypoints_*.json lie beside COCO's own instances_*.json.
  const instances = candidates.filter((file) => /instances/i.test(basename(file)));
  const [file, second] = instances.length > 0 ? instances : candidates;
  if (file !== undefined && second === undefined) return file;
  const wanted = split === undefined ? 'annotations' : `annotations of split '${split}'`;
  throw new SampleError(root, {
    what: file === undefined ? `no .json with ${wanted}` : `more than one .json with ${wanted}`,
    cure:
      all.length > 0
        ? `give a split, or the path of one of ${all.map((path) => relative(root, path)).join(', ')}`
        : 'give the path of the .json file',
  });
}

/** 'train' and 'train2017' are in 'instances_train2017.json', 'train' is not in 'constrained.json'. */
function namesSplit(path: string, split: string): boolean {
  const words = [
    ...path.split(/[^A-Za-z0-9]+/),
    ...path.split(/[^A-Za-z]+/),
    withoutExtension(basename(path)),
  ];
  return words.some((word) => isSameSplit(word, split));
}

/** The first usual place that holds one of the first pictures; `images/` where none does. */
async function imageFolder(
  images: readonly AnnotatedImage[],
  { root, file, split }: { root: string; file: string; split?: string },
): Promise<string> {
  const stem = withoutExtension(basename(file)).replace(/^instances_/, '');
  const parts = [stem, ...(split === undefined ? [] : [split])];
  const roots = [...new Set([dirname(file), root, dirname(dirname(file))])];
  for (const folder of roots.flatMap((base) => usualPlaces(base, parts))) {
    for (const { image } of images.slice(0, 20)) if (await isFile(join(folder, image))) return folder;
  }
  return join(root, 'images');
}

function usualPlaces(base: string, parts: readonly string[]): string[] {
  const inImages = join(base, 'images');
  return [...parts.flatMap((part) => [join(base, part), join(inImages, part)]), inImages, base];
}
