import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import pMap from 'p-map';
import { concurrency } from '../files';
import { append } from '../folder/pairing';

/** Groups of files with the same bytes. Only files of one length are read. */
export async function duplicateFiles(files: readonly string[]): Promise<string[][]> {
  const distinct = [...new Set(files)];
  const lengths = await pMap(
    distinct,
    async (file) =>
      stat(file).then(
        ({ size }) => size,
        () => -1,
      ),
    { concurrency },
  );
  const byLength = new Map<number, string[]>();
  distinct.forEach((file, i) => append(byLength, lengths[i]!, file));
  const alike = [...byLength]
    .filter(([length, group]) => length > 0 && group.length > 1)
    .flatMap(([, group]) => group);
  const hashes = await pMap(alike, hashOf, { concurrency });
  const byHash = new Map<string, string[]>();
  alike.forEach((file, i) => append(byHash, hashes[i]!, file));
  return [...byHash.values()].filter((group) => group.length > 1);
}

async function hashOf(file: string): Promise<string> {
  const bytes = await readFile(file);
  return createHash('sha256').update(bytes).digest('hex');
}
