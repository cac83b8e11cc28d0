import { readSafetensors } from './safetensors';
import type { ByteSource } from './byteSource';
import { blobSource, bytesSource, fetchSource, tooLarge } from './byteSource';
import type { StateDict } from './stateDict';

export interface ReadStateDictOptions {
  /** Largest file taken, in bytes. Default 2 GiB: over three times the largest network here (VGG-19, 575 MB). */
  maxBytes?: number;
}

/** A URL as text or object, a `File`/`Blob`, or the file's bytes. */
export type StateDictSource = string | URL | Blob | ArrayBuffer | Uint8Array;

const defaultMaxBytes = 2 ** 31;

const startsWith = (bytes: Uint8Array, start: readonly number[]) =>
  start.every((value, i) => bytes[i] === value);
const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));

/** torch's magic number 0x1950a86a20f9469cfc6c as a pickle has it: among the first bytes of files from before 1.6. */
const legacyMagic = [0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/** The pickle's protocol comes first, and from protocol 4 on a frame's length. */
const isLegacy = (start: Uint8Array) =>
  start[0] === 0x80 && [2, 11].some((at) => startsWith(start.subarray(at), legacyMagic));

type Reader = (source: ByteSource, maxBytes: number) => Promise<StateDict>;

/** The reader for a file that begins with these bytes. Each is loaded when the first such file is met. */
async function readerOf(start: Uint8Array): Promise<Reader> {
  if (startsWith(start, ascii('PK'))) return (await import('./readZip')).readZip;
  if (isLegacy(start)) return (await import('./pth/readPth')).readPthLegacy;
  if (startsWith(start, [0x89, ...ascii('HDF\r\n\x1a\n')])) return (await import('./readHdf5')).readHdf5;
  // A safetensors file has its brace after the header's length.
  if (startsWith(start.subarray(8), ascii('{'))) return readSafetensors; // no chunk of its own: what most files are, and loadDetector's always
  if (startsWith(start, ascii('{'))) return (await import('./readTfjs')).readTfjs;
  throw new RangeError(
    foreign(start) ??
      'it begins as none of safetensors, PyTorch (zip or older), HDF5 (Keras .h5) or TensorFlow.js',
  );
}

/** A protocol buffer: its IR version, then the producer's name or the opset. */
const isOnnx = ([first, version = 0, next]: Uint8Array) =>
  first === 8 && version > 0 && version < 32 && (next === 0x12 || next === 0x3a);

/** What a file is that people take for weights, and the cure. */
function foreign(start: Uint8Array): string | undefined {
  const text = new TextDecoder('latin1').decode(start);
  if (text.startsWith('ustar', 257))
    return 'it is a tar file of PyTorch 0.1: load it in PyTorch and save it again';
  if (text.startsWith('version https://git-lfs')) {
    return 'it is a pointer of Git LFS, not the file itself: run git lfs pull, or download it by its address';
  }
  if (/^\s*<(!doctype|html|\?xml)/i.test(text))
    return 'it is a web page: the download gave something else than the file';
  if (text.startsWith('\x1f\x8b')) return 'it is compressed by gzip: unpack it first';
  if (isOnnx(start))
    return 'it looks like ONNX, which holds a graph and is not read: take the PyTorch or safetensors file of that model';
  if (text.startsWith('GGUF'))
    return 'it is GGUF, which is not read: take the safetensors file of that model';
  if (text.startsWith('\x80')) {
    return 'it is a Python pickle that torch.save did not write: load it in Python and save it as safetensors';
  }
  return start.length === 0 ? 'it is empty: download it again' : undefined;
}

/** Reads any supported format from random-access bytes; the format is recognised by content, never by name. */
export async function readFrom(source: ByteSource, maxBytes: number): Promise<StateDict> {
  if (source.size > maxBytes) throw tooLarge(source.name, source.size, maxBytes);
  try {
    const start = await source.read(0, Math.min(512, source.size));
    const read = await readerOf(start);
    return await read(source, maxBytes);
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
  const maxBytes = maxBytesOf(options);
  return readFrom(await openSource(source, maxBytes), maxBytes);
}

/** The limit of an option; NaN would be none. */
export function maxBytesOf({ maxBytes = defaultMaxBytes }: ReadStateDictOptions): number {
  if (typeof maxBytes === 'number' && maxBytes >= 0) return maxBytes;
  throw new RangeError(`readStateDict: maxBytes must be a number ≥ 0, got ${String(maxBytes)}`);
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
