import { imageExtensions } from '@roikit/image/node';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { isFile } from './detection/readSource';
import { UserError } from './errors';

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
  if (info?.isDirectory()) {
    const names = await glob('*', { cwd: pattern, absolute: false });
    return picturesOnly(names.map((name) => `${pattern.replace(/[/\\]+$/, '')}/${name}`));
  }
  if (info === undefined && isDynamicPattern(pattern)) return picturesOnly(await glob(pattern));
  if (info === undefined)
    throw new UserError(`${pattern}: there is no such picture or folder; check the path`);
  return [pattern];
}

function picturesOnly(paths: readonly string[]): string[] {
  return paths.filter((path) => imageExtensions.includes(extname(path).toLowerCase())).sort();
}
