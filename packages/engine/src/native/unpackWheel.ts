import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Entry, open, type ZipFile } from 'yauzl';
import { EngineError } from '../engineError';
import type { NativeInstallOptions } from './types';

/** The two libraries, and the headers of TensorFlow's C interface: all that the addon is built from. */
const wanted =
  /^tensorflow\/(libtensorflow_(cc|framework)\.so\.2$|include\/(tensorflow\/c\/|tensorflow\/core\/platform\/ctstring|tsl\/platform\/ctstring|xla\/tsl\/c\/).*\.h$)/;

/** Unpacks the libraries and headers of a wheel to `folder`, without the leading `tensorflow/`. */
export async function unpackWheel(
  file: string,
  folder: string,
  options: NativeInstallOptions,
): Promise<void> {
  const { signal, onProgress } = options;
  const zip = await openZip(file);
  try {
    const entries = (await listEntries(zip)).filter((entry) => wanted.test(entry.fileName));
    const libraries = entries.filter((entry) => entry.fileName.includes('.so.'));
    if (libraries.length < 2) {
      const reason = 'the wheel holds no libtensorflow_cc and libtensorflow_framework';
      throw new EngineError('tensorflow', { reason, cure: "Use from: 'stock'." });
    }
    const total = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
    let bytes = 0;
    const count = (chunk: number): void => {
      bytes += chunk;
      onProgress?.({ type: 'unpack', bytes, total });
    };
    for (const entry of entries) {
      signal?.throwIfAborted();
      await writeEntry(zip, entry, join(folder, entry.fileName.slice('tensorflow/'.length)), count);
    }
  } finally {
    zip.close();
  }
}

function openZip(file: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    open(file, { lazyEntries: true, autoClose: false }, (error, zip) =>
      error ? reject(error) : resolve(zip),
    );
  });
}

async function listEntries(zip: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  await new Promise<void>((resolve, reject) => {
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      zip.readEntry();
    });
    zip.on('end', resolve);
    zip.on('error', reject);
    zip.readEntry();
  });
  return entries;
}

/** Bytes between two reports of progress. */
const reportEvery = 16e6;

async function writeEntry(
  zip: ZipFile,
  entry: Entry,
  target: string,
  count: (bytes: number) => void,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const stream = await new Promise<Readable>((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream as Readable)));
  });
  let pending = 0;
  const counted = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      pending += chunk.length;
      if (pending >= reportEvery) {
        count(pending);
        pending = 0;
      }
      yield chunk;
    }
  };
  await pipeline(stream, counted, createWriteStream(target));
  count(pending);
}
