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
  // A picture that can't be read is told as such.
  const faulty = annotations.problems.filter(({ kind }) => kind === 'sample').map(({ file }) => file);
  const read = annotations.images.map(({ image }) => image);
  const used = new Set([...read, ...faulty].map((file) => join(file)));
  const unused = picturesOf(tree).filter((picture) => !used.has(join(pathIn(tree, picture))));
  if (unused.length === 0 || read.length === 0) return [...tree.problems];
  return [
    ...tree.problems,
    new SampleError(path, {
      what: `${counted(unused.length, 'picture')} without an annotation, the first ${unused[0]!}`,
      cure: 'annotate them, or name the folders with `images` and `annotations`',
      kind: 'note',
    }),
  ];
}
