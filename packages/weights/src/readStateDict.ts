import type { ByteSource } from './byteSource';
import { blobSource, bytesSource, fetchSource, tooLarge } from './byteSource';
import { legacyMagic, readPthLegacy, readPthZip } from './pth/readPth';
import { readHdf5 } from './readHdf5';
import { readTfjs } from './readTfjs';
import { readSafetensors } from './safetensors';
import type { StateDict } from './stateDict';

export interface ReadStateDictOptions {
  /** Largest file taken, in bytes. Default 2 GiB: over three times the largest network here (VGG-19, 575 MB). */
  maxBytes?: number;
}

/** A URL as text or object, a `File`/`Blob`, or the file's bytes. */
export type StateDictSource = string | URL | Blob | ArrayBuffer | Uint8Array;

export const defaultMaxBytes = 2 ** 31;

const startsWith = (bytes: Uint8Array, start: readonly number[]) =>
  start.every((value, i) => bytes[i] === value);
const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));

/** The reader for a file that begins with these bytes. */
function readerOf(start: Uint8Array): (source: ByteSource, maxBytes: number) => Promise<StateDict> {
  if (startsWith(start, ascii('PK'))) return readPthZip;
  if (startsWith(start, legacyMagic)) return readPthLegacy;
  if (startsWith(start, [0x89, ...ascii('HDF\r\n\x1a\n')])) return readHdf5;
  // A safetensors file has its brace after the header's length.
  if (startsWith(start.subarray(8), ascii('{'))) return readSafetensors;
  if (startsWith(start, ascii('{'))) return readTfjs;
  if (startsWith(start.subarray(257), ascii('ustar'))) {
    throw new RangeError('it is a tar file of PyTorch 0.1: load it in PyTorch and save it again');
  }
  throw new RangeError(
    'it begins as none of safetensors, PyTorch (zip or older), HDF5 (Keras .h5) or TensorFlow.js',
  );
}

/** Reads any supported format from random-access bytes; the format is recognised by content, never by name. */
export async function readFrom(source: ByteSource, maxBytes: number): Promise<StateDict> {
  if (source.size > maxBytes) throw tooLarge(source.name, source.size, maxBytes);
  try {
    const start = await source.read(0, Math.min(512, source.size));
    return await readerOf(start)(source, maxBytes);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RangeError(`readStateDict: cannot read ${source.name}: ${why}`, { cause });
  }
}

/**
 * Reads a network's weights from a URL, a `Blob` or bytes: safetensors, PyTorch `.pth`, Keras `.h5` or a TensorFlow.js
 * `model.json`, told apart by content.
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
