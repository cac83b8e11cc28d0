import { dirname, join, relative, resolve } from 'node:path';
import { SampleError } from '../../types';
import type { ReadOptions } from '../annotations';
import { exists, isFile } from '../files';
import { picturesOf, readTree, type FileTree } from './fileTree';

/** The two sides of a dataset; one and the same tree unless the caller named them. */
export interface Folders {
  annotations: FileTree;
  images: FileTree;
  /** Pictures, as paths below `images`. */
  pictures: readonly string[];
}

/** Reads a dataset's folders. `images` and `annotations` are taken from where the process runs, else from the dataset. */
export async function openFolders(
  path: string,
  { images, annotations }: Pick<ReadOptions, 'images' | 'annotations'>,
): Promise<Folders> {
  const root = await folderOf(path);
  const whole = images !== undefined && annotations !== undefined ? undefined : await readTree(root);
  const side = async (given: string | undefined, option: string): Promise<FileTree> =>
    given === undefined ? whole! : readTree(await folderOf(await givenPath(given, { root, option })));
  const [a, b] = [await side(annotations, 'annotations'), await side(images, 'images')];
  return { annotations: a, images: b, pictures: picturesOf(b) };
}

/** A path that the caller named; rejects where it is neither. */
export async function givenPath(
  path: string,
  { root, option }: { root: string; option: string },
): Promise<string> {
  for (const candidate of [resolve(path), join(root, path)]) if (await exists(candidate)) return candidate;
  throw new SampleError(path, {
    what: `there is no such folder, given as \`${option}\``,
    cure: `give it as a path from here, or from ${relative('', root) || root}`,
  });
}

/** The folder itself, or the one that a file lies in. */
export async function folderOf(path: string): Promise<string> {
  return (await isFile(path)) ? dirname(path) : path;
}
