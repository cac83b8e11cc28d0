import { imageExtensions, listFiles } from '@roikit/image/node';
import { extname, isAbsolute, join, relative, sep } from 'node:path';
import { SampleError } from '../../types';

/** Every file below a folder, read once. */
export interface FileTree {
  root: string;
  /** Paths below the root, with '/', sorted. Hidden files and folders (macOS's `._x.xml`) are left out. */
  files: readonly string[];
  /** The names that the system has for those of `files` that it has otherwise. */
  stored: ReadonlyMap<string, string>;
  /** Notes on folders that can't be read. */
  problems: readonly SampleError[];
}

/** Lists a folder at any depth, as `listFiles` does; folders below that can't be read are problems. */
export async function readTree(root: string): Promise<FileTree> {
  const problems: SampleError[] = [];
  try {
    const files = await listFiles(root, (folder, error) => problems.push(unreadable(folder, error)));
    return { root, ...composed(files), problems };
  } catch (error) {
    throw unreadable(root, error as Error);
  }
}

/** File names in Unicode's composed form: archives of macOS have them decomposed, annotations hardly ever. */
function composed(paths: readonly string[]): Pick<FileTree, 'files' | 'stored'> {
  const taken = new Set(paths);
  const stored = new Map<string, string>();
  const files = paths.map((path) => {
    const name = path.normalize('NFC');
    if (name === path || taken.has(name)) return path;
    taken.add(name);
    stored.set(name, path);
    return name;
  });
  return { files: files.sort(), stored };
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
export function pathIn({ root, stored }: FileTree, file: string): string {
  return join(root, ...(stored.get(file) ?? file).split('/'));
}

/** A path as the tree has it; undefined where it lies outside. */
export function withinTree({ root }: FileTree, path: string): string | undefined {
  const below = relative(root, path);
  return below === '' || below.startsWith('..') || isAbsolute(below)
    ? undefined
    : below.split(sep).join('/').normalize('NFC');
}

/** The part of the tree that lies in a folder of it; '' is the whole. */
export function subtree(tree: FileTree, folder: string): FileTree {
  if (folder === '') return tree;
  const prefix = `${folder}/`;
  return { ...tree, files: tree.files.filter((file) => file.startsWith(prefix)) };
}
