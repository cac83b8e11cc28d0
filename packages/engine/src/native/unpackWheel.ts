import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { type Entry, open, type ZipFile } from 'yauzl';
import { EngineError } from '../engineError';
import type { NativeInstallOptions } from './types';

const openZip = promisify<string, object, ZipFile>(open as never);

/** The two libraries, and the headers of TensorFlow's C interface: all that the addon is built from. */
const wanted = /^tensorflow\/(libtensorflow_(cc|framework)\.so\.2$|include\/(tensorflow|tsl|xla)\/.*\.h$)/;

/** Unpacks the libraries and headers of a wheel to `folder`, without the leading `tensorflow/`. */
export async function unpackWheel(file: string, folder: string, options: NativeInstallOptions): Promise<void> {
  const { signal, onProgress } = options;
  const zip = await openZip(file, { lazyEntries: true, autoClose: false });
  try {
    const entries = (await listEntries(zip)).filter((entry) => wanted.test(entry.fileName));
    const libraries = entries.filter((entry) => entry.fileName.includes('.so.'));
    if (libraries.length < 2) {
      const reason = 'the wheel holds no libtensorflow_cc and libtensorflow_framework';
      throw new EngineError('tensorflow', { reason, cure: "Use from: 'stock'." });
    }
    const total = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
    let bytes = 0;
    for (const entry of entries) {
      signal?.throwIfAborted();
      await writeEntry(zip, entry, join(folder, entry.fileName.slice('tensorflow/'.length)), signal);
      bytes += entry.uncompressedSize;
      onProgress?.({ type: 'unpack', bytes, total });
    }
  } finally {
    zip.close();
  }
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

async function writeEntry(zip: ZipFile, entry: Entry, target: string, signal: AbortSignal | undefined): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const stream = await promisify(zip.openReadStream.bind(zip) as (entry: Entry, done: never) => void)(entry);
  const options = signal === undefined ? {} : { signal };
  await pipeline(stream as unknown as NodeJS.ReadableStream, createWriteStream(target), options);
}
