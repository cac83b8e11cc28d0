import { imageExtensions, listFiles } from '@roikit/image/node';
import { extname, isAbsolute, join, relative, sep } from 'node:path';
import { SampleError } from '../../types';

/** Every file below a folder, read once. */
export interface FileTree {
  root: string;
  /** Paths below the root, with '/', sorted. Hidden files and folders (macOS's `._x.xml`) are left out. */
  files: readonly string[];
  /** Notes on folders that can't be read. */
  problems: readonly SampleError[];
}

/** Lists a folder at any depth, as `listFiles` does; folders below that can't be read are problems. */
export async function readTree(root: string): Promise<FileTree> {
  const problems: SampleError[] = [];
  try {
    const files = await listFiles(root, (folder, error) => problems.push(unreadable(folder, error)));
    return { root, files, problems };
  } catch (error) {
    throw unreadable(root, error as Error);
  }
}

function unreadable(folder: string, error: Error): SampleError {
  return new SampleError(folder, {
    what: `the folder can't be read (${error.message})`,
    cure: 'check its permissions',
    kind: 'note',
    cause: error,
  });
}

/** Files with one of the endings, in any case. */
export function withEnding({ files }: FileTree, endings: readonly string[]): string[] {
  return files.filter((file) => endings.includes(extname(file).toLowerCase()));
}

export function picturesOf(tree: FileTree): string[] {
  return withEnding(tree, imageExtensions);
}

/** The system's path of a file of the tree. */
export function pathIn({ root }: FileTree, file: string): string {
  return join(root, ...file.split('/'));
}

/** A path as the tree has it; undefined where it lies outside. */
export function withinTree({ root }: FileTree, path: string): string | undefined {
  const below = relative(root, path);
  return below === '' || below.startsWith('..') || isAbsolute(below) ? undefined : below.split(sep).join('/');
}

/** The part of the tree that lies in a folder of it; '' is the whole. */
export function subtree(tree: FileTree, folder: string): FileTree {
  if (folder === '') return tree;
  const prefix = `${folder}/`;
  return { ...tree, files: tree.files.filter((file) => file.startsWith(prefix)) };
}
