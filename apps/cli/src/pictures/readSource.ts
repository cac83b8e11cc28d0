import type { RgbImage } from '@roikit/image';
import { ImageFileError, readFrames } from '@roikit/image/node';
import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { fetchBytes, isAddress } from '../download/address';
import { reasonOf } from '../errors';

/** The name of a picture that comes through a pipe. */
export const STDIN = '-';

/** A picture of a source: a file, an address, what comes through a pipe. */
export interface SourcePicture {
  source: string;
  image: RgbImage;
  /** Of an animated picture: which frame, from 0, and of how many. */
  frame?: number;
  frames?: number;
  /** The file as it came, where it lies in no folder. */
  bytes?: Uint8Array;
}

export interface ReadSourceOptions {
  maxPixels?: number;
  signal?: AbortSignal;
  /** Where `-` is read. @default the process's own */
  stdin?: NodeJS.ReadableStream;
}

/** Whether a picture comes through a pipe: `-`, or what a shell makes of `<(command)`. It can be read once. */
export function isPipe(source: string): boolean {
  return source === STDIN || /^\/dev\/(?:fd\/\d+|stdin)$/.test(source);
}

/** Whether a source is a file that can be read again, later and by others. */
export function isFile(source: string): boolean {
  return !isPipe(source) && !isAddress(source);
}

/**
 * The pictures of one source, all frames of an animated one.
 *
 * @throws ImageFileError that names the source
 */
export async function* readSource(
  source: string,
  { maxPixels, signal, stdin = process.stdin }: ReadSourceOptions = {},
): AsyncGenerator<SourcePicture> {
  const bytes = isFile(source)
    ? undefined
    : isPipe(source)
      ? new Uint8Array(await buffer(source === STDIN ? stdin : createReadStream(source)))
      : await download(source, signal);
  try {
    for await (const { image, index, count } of readFrames(bytes ?? source, { maxPixels })) {
      const place = count > 1 ? { frame: index, frames: count } : {};
      yield { source, image, ...place, ...(bytes && { bytes }) };
    }
  } catch (error) {
    // The library knows bytes only.
    if (bytes === undefined || !(error instanceof ImageFileError)) throw error;
    const { what, cure, cause } = error;
    throw new ImageFileError(source === STDIN ? 'stdin' : source, { what, cure, cause });
  }
}

async function download(address: string, signal?: AbortSignal): Promise<Uint8Array> {
  return fetchBytes(address, { signal }).catch((cause: Error) => {
    throw new ImageFileError(address, {
      what: `it can't be fetched (${reasonOf(cause)})`,
      cure: 'check the address',
      cause,
    });
  });
}
