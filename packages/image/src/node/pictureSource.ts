import { fileURLToPath } from 'node:url';
import { ImageFileError } from './imageFileError';

/** A picture file: its path, its `file:` URL, or its bytes. */
export type PictureSource = string | URL | Uint8Array | ArrayBuffer;

/** The source as decoders take it. Throws what says that it is none. */
export function sourceOf(caller: string, source: PictureSource): string | Uint8Array {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof URL || (typeof source === 'string' && /^(?:https?|file):\/\//i.test(source)))
    return pathOf(new URL(source));
  if (typeof source === 'string') return source;
  const got = Object.prototype.toString.call(source).slice(8, -1);
  throw new TypeError(`${caller}: source must be a path, a file URL or the bytes of a file, got ${got}`);
}

function pathOf(address: URL): string {
  if (address.protocol === 'file:') return fileURLToPath(address);
  throw new ImageFileError(address.href, {
    what: 'it is an address, not a file',
    cure: 'fetch it, and give the bytes (await response.arrayBuffer())',
  });
}
