import { readdir, realpath } from 'node:fs/promises';
import { extname, isAbsolute, join, relative, sep } from 'node:path';
import { imageExtensions } from '@roikit/image/node';
import { isFolder } from '../files';

/** Every file below a folder, read once. */
export interface FileTree {
  root: string;
  /** Paths below the root, with '/', sorted. Hidden files and folders (macOS's `._x.xml`) are left out. */
  files: readonly string[];
}

/** Lists a folder at any depth; links are followed, but no folder is entered twice. */
export async function readTree(root: string): Promise<FileTree> {
  const files: string[] = [];
  const seen = new Set<string>();
  const walk = async (folder: string, prefix: string): Promise<void> => {
    const real = await realpath(folder).catch(() => folder);
    if (seen.has(real)) return;
    seen.add(real);
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const path = join(folder, entry.name);
      const below = entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(path)));
      if (below) await walk(path, `${prefix}${entry.name}/`);
      else files.push(prefix + entry.name);
    }
  };
  await walk(root, '');
  return { root, files: files.sort() };
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
export function subtree({ root, files }: FileTree, folder: string): FileTree {
  if (folder === '') return { root, files };
  const prefix = `${folder}/`;
  return { root, files: files.filter((file) => file.startsWith(prefix)) };
}
