import type { FileEntry } from '@zip.js/zip.js';
import { Reader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
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

/** PyTorch and Keras store entries as they are; a compressed one can unfold to any size, so none is taken. */
async function readEntry(entry: FileEntry, source: ByteSource): Promise<Uint8Array> {
  const stored = entry.compressionMethod === 0 && entry.uncompressedSize === entry.compressedSize;
  if (!stored || entry.uncompressedSize > source.size) {
    throw new RangeError(
      `its entry ${entry.filename} is compressed, which those of PyTorch and Keras never are`,
    );
  }
  return entry.getData(new Uint8ArrayWriter(), { useWebWorkers: false });
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
