import { makeFolder } from '@roikit/training/node';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { fileSize } from '../format';
import { Progress } from '../terminal/progress';

interface Download {
  /** What the bar says. */
  title: string;
  body: ReadableStream;
  /** Bytes, where they were announced. */
  size?: number;
  /** Of the SHA-256 all that is known: its beginning in hexadecimal digits; empty for nothing. */
  sha256: string;
  signal?: AbortSignal;
}

/** Streams a file beside its place and moves it there when it is whole. */
export async function saveDownload(
  target: string,
  { title, body, size, sha256, signal }: Download,
): Promise<void> {
  const part = `${target}.${process.pid}.part`;
  await makeFolder(dirname(target));
  const progress = new Progress({ title, total: size ?? 0, format: fileSize });
  const hash = createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Uint8Array, _, done) {
      hash.update(chunk);
      progress.update((bytes += chunk.length));
      done(null, chunk);
    },
  });
  try {
    await pipeline(Readable.fromWeb(body), meter, createWriteStream(part), { signal });
    if (size !== undefined && bytes !== size) throw new Error(`${bytes} bytes came, ${size} were announced`);
    if (!hash.digest('hex').startsWith(sha256)) throw new Error('its SHA-256 is not the announced one');
    await rename(part, target);
  } finally {
    progress.stop();
    await rm(part, { force: true });
  }
}
