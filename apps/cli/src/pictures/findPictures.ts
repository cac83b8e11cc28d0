import { imageExtensions } from '@roikit/image/node';
import { readdir, realpath, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { UserError } from '../errors';
import { isFile } from './readSource';

/**
 * The pictures that paths, folders, glob patterns and addresses name, in their order, each once; `-` stands for itself. A
 * folder gives the pictures directly in it. UserError for an argument that gives none.
 */
export async function findPictures(patterns: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    const pictures = await picturesOf(pattern);
    if (pictures.length === 0) {
      throw new UserError(`${pattern}: no pictures there (${imageExtensions.join(', ')}); check the path`);
    }
    for (const picture of pictures) found.add(picture);
  }
  return [...found];
}

async function picturesOf(pattern: string): Promise<string[]> {
  if (!isFile(pattern)) return [pattern];
  const info = await stat(pattern).catch(() => undefined);
  if (info?.isDirectory()) return picturesIn(pattern);
  if (info === undefined && isDynamicPattern(pattern)) return distinct(picturesOnly(await glob(pattern)));
  if (info === undefined)
    throw new UserError(`${pattern}: there is no such picture or folder; check the path`);
  return [pattern];
}

/** What is directly in a folder and named as a picture: a link that leads nowhere is one that can't be read. */
async function picturesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    const why = (cause as Error).message;
    throw new UserError(`${folder}: the folder can't be read (${why}); check its permissions`, { cause });
  });
  const paths: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.isDirectory()) continue;
    const path = `${folder.replace(/[/\\]+$/, '')}/${entry.name}`;
    const linked = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : undefined;
    if (!linked?.isDirectory()) paths.push(path);
  }
  return picturesOnly(paths);
}

/** Each file once, whatever links lead to it: a link to a folder above finds all of it again. */
async function distinct(paths: readonly string[]): Promise<string[]> {
  const byFile = new Map<string, string>();
  // What has fewer folders first: its own path rather than one through a link.
  for (const path of paths.toSorted((a, b) => a.split('/').length - b.split('/').length)) {
    const real = await realpath(path).catch(() => path);
    if (!byFile.has(real)) byFile.set(real, path);
  }
  const kept = new Set(byFile.values());
  return paths.filter((path) => kept.has(path));
}

function picturesOnly(paths: readonly string[]): string[] {
  return paths.filter((path) => imageExtensions.includes(extname(path).toLowerCase())).sort();
}
