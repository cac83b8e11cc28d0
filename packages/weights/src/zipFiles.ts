import type { FileEntry } from '@zip.js/zip.js';
import { Reader, ZipReader } from '@zip.js/zip.js';
import type { ByteSource } from './byteSource';

/** zip.js's way of reading a part of a file. */
class SourceReader extends Reader<ByteSource> {
  private readonly source: ByteSource;
  constructor(source: ByteSource) {
    super(source);
    this.source = source;
    this.size = source.size;
  }
  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    return this.source.read(index, Math.max(0, Math.min(length, this.source.size - index)));
  }
}

/** A zip's files by their paths in it. */
export interface ZipFiles {
  /** Paths of the files, in the zip's order. */
  readonly paths: string[];
  /** @throws RangeError where there is no such file, or it is compressed. */
  read(path: string): Promise<Uint8Array>;
}

/** Bytes of an entry's own header, before its name and extra field. */
const LOCAL_HEADER = 30;
const LOCAL_SIGNATURE = 0x04034b50;

/**
 * PyTorch and Keras store entries as they are; a compressed one can unfold to any size, so none is taken. What is stored
 * needs none of zip.js's streams, which take hundreds of times as long as a small storage's bytes.
 */
async function readEntry(entry: FileEntry, source: ByteSource): Promise<Uint8Array> {
  const { offset, uncompressedSize: size, encrypted } = entry;
  const stored = entry.compressionMethod === 0 && size === entry.compressedSize && !encrypted;
  if (!stored || size > source.size) {
    throw new RangeError(
      `its entry ${entry.filename} is compressed or encrypted, which those of PyTorch and Keras never are`,
    );
  }
  const begin = offset + LOCAL_HEADER + (await localNameLength(source, offset));
  // It lies before the directory, and so before the file's end.
  if (!(begin + size <= source.size))
    throw new RangeError(`its entry ${entry.filename} is damaged; download it again`);
  return source.read(begin, size);
}

/** Of the name and the extra field, which may be another than the directory's; NaN where there is no header. */
async function localNameLength(source: ByteSource, offset: number): Promise<number> {
  const header = await source.read(offset, Math.max(0, Math.min(LOCAL_HEADER, source.size - offset)));
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  if (header.length < LOCAL_HEADER || view.getUint32(0, true) !== LOCAL_SIGNATURE) return NaN;
  return view.getUint16(26, true) + view.getUint16(28, true);
}

/** Opens a zip for as long as `use` runs. */
export async function withZip<T>(source: ByteSource, use: (files: ZipFiles) => Promise<T>): Promise<T> {
  const zip = new ZipReader(new SourceReader(source));
  try {
    return await use(await listFiles(zip, source));
  } finally {
    await zip.close();
  }
}

async function listFiles(zip: ZipReader<ByteSource>, source: ByteSource): Promise<ZipFiles> {
  const entries = await zip.getEntries().catch((cause: unknown) => {
    throw new RangeError('it begins as a zip and is cut off or damaged; download it again', { cause });
  });
  const files = entries.filter((entry): entry is FileEntry => !entry.directory);
  const byPath = new Map([...files].reverse().map((entry) => [entry.filename, entry])); // the first of one name
  const read = async (path: string) => {
    const entry = byPath.get(path);
    if (!entry) throw new RangeError(`it has no entry ${path}`);
    return readEntry(entry, source);
  };
  return { paths: files.map(({ filename }) => filename), read };
}
