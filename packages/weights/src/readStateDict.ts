import type { ByteSource } from './byteSource';
import { blobSource, bytesSource, fetchSource, tooLarge } from './byteSource';
import { readSafetensors } from './safetensors';
import type { StateDict } from './stateDict';

export interface ReadStateDictOptions {
  /** Largest file taken, in bytes. Default 2 GiB: over three times the largest network here (VGG-19, 575 MB). */
  maxBytes?: number;
}

/** A URL as text or object, a `File`/`Blob`, or the file's bytes. */
export type StateDictSource = string | URL | Blob | ArrayBuffer | Uint8Array;

export const defaultMaxBytes = 2 ** 31;

/** Reads any supported format from random-access bytes; the format is recognised by content, never by name. */
export async function readFrom(source: ByteSource, maxBytes: number): Promise<StateDict> {
  if (source.size > maxBytes) throw tooLarge(source.name, source.size, maxBytes);
  return readSafetensors(source);
}

/**
 * Reads a network's weights from a URL, a `Blob` or bytes.
 *
 * For a path on disk use `@roikit/weights/node`, whose `readStateDict` takes it too.
 *
 * @throws RangeError naming the file and the fault where it is malformed or larger than `maxBytes`.
 */
export async function readStateDict(
  source: StateDictSource,
  options: ReadStateDictOptions = {},
): Promise<StateDict> {
  const { maxBytes = defaultMaxBytes } = options;
  return readFrom(await openSource(source, maxBytes), maxBytes);
}

async function openSource(source: StateDictSource, maxBytes: number): Promise<ByteSource> {
  if (typeof source === 'string' || source instanceof URL) return fetchSource(String(source), maxBytes);
  if (source instanceof Blob) return blobSource(source, source instanceof File ? source.name : 'blob');
  if (source instanceof ArrayBuffer) return bytesSource(new Uint8Array(source));
  if (source instanceof Uint8Array) return bytesSource(source);
  throw new TypeError(
    `readStateDict: source must be a URL, a Blob, an ArrayBuffer or a Uint8Array, got ${source}`,
  );
}
