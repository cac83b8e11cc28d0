import { openAsBlob } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { blobSource } from './byteSource';
import type { ReadStateDictOptions, StateDictSource } from './readStateDict';
import { defaultMaxBytes, readFrom, readStateDict as readAnywhere } from './readStateDict';
import type { StateDict } from './stateDict';

/**
 * Reads a network's weights from a path on disk, a URL (`http:`, `https:`, `file:`), a `Blob` or bytes.
 *
 * A file on disk is read tensor by tensor, so memory holds the tensors and never the whole file besides.
 *
 * @throws RangeError naming the file and the fault where it is malformed or larger than `maxBytes`.
 */
export async function readStateDict(
  source: StateDictSource,
  options: ReadStateDictOptions = {},
): Promise<StateDict> {
  const path = localPath(source);
  if (path === undefined) return readAnywhere(source, options);
  const blob = await openAsBlob(path).catch((cause: unknown) => {
    throw new Error(`readStateDict: cannot open ${path}; check the path`, { cause });
  });
  return readFrom(blobSource(blob, path), options.maxBytes ?? defaultMaxBytes);
}

function localPath(source: StateDictSource): string | undefined {
  if (source instanceof URL) return source.protocol === 'file:' ? fileURLToPath(source) : undefined;
  if (typeof source !== 'string') return undefined;
  if (source.startsWith('file:')) return fileURLToPath(source);
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(source) ? undefined : source;
}
