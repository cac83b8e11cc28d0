import { join } from 'node:path';
import { SampleError } from '../types';
import type { Annotations, ReadOptions } from './annotations';
import { counted } from './counted';
import { isFile } from './files';
import { pathIn, picturesOf, readTree } from './folder/fileTree';
import { folderOf } from './folder/folders';

/**
 * Notes on folders that can't be read, and on the pictures that a dataset holds and its annotations don't name; a chosen
 * split leaves others out anyway.
 */
export async function unusedFiles(
  path: string,
  { annotations, reading }: { annotations: Annotations; reading: ReadOptions },
): Promise<SampleError[]> {
  const tree = await readTree(await folderOf(path));
  if (reading.split !== undefined || (await isFile(path))) return [...tree.problems];
  const used = new Set(annotations.images.map(({ image }) => join(image)));
  const unused = picturesOf(tree).filter((picture) => !used.has(join(pathIn(tree, picture))));
  if (unused.length === 0 || used.size === 0) return [...tree.problems];
  return [
    ...tree.problems,
    new SampleError(path, {
      what: `${counted(unused.length, 'picture')} without an annotation, the first ${unused[0]!}`,
      cure: 'annotate them, or name the folders with `images` and `annotations`',
      kind: 'note',
    }),
  ];
}
