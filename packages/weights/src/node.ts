import { open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ByteSource } from './byteSource';
import type { ReadStateDictOptions, StateDictSource } from './readStateDict';
import { maxBytesOf, readFrom, readStateDict as readAnywhere } from './readStateDict';
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
  return readFrom(await fileSource(path), maxBytesOf(options));
}

/** A file that is open only while a part of it is read, so that nothing need be closed in the end. */
async function fileSource(path: string): Promise<ByteSource> {
  const { size } = await stat(path).catch((cause: unknown) => {
    throw new Error(`readStateDict: cannot open ${path}; check the path`, { cause });
  });
  const read = async (offset: number, length: number) => {
    const handle = await open(path);
    try {
      const bytes = new Uint8Array(Math.min(length, Math.max(0, size - offset)));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset);
      return bytes.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  };
  return { name: path, size, read, sibling: (name) => fileSource(join(dirname(path), name)) };
}

function localPath(source: StateDictSource): string | undefined {
  if (source instanceof URL) return source.protocol === 'file:' ? fileURLToPath(source) : undefined;
  if (typeof source !== 'string') return undefined;
  if (source.startsWith('file:')) return fileURLToPath(source);
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(source) ? undefined : source;
}
