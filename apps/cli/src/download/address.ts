import { join } from 'node:path';
import type { ReadableStream } from 'node:stream/web';
import { Interrupted, reasonOf, UserError } from '../errors';
import { saveDownload } from './saveDownload';
import { note } from '../terminal/print';

/** Where a file of an address is kept: `host/path` in the cache. */
export function addressPath(address: string, folder: string): string {
  const { host, pathname } = new URL(address);
  // No `..` comes out of a URL; what Windows forbids in names may.
  const parts = [host, ...pathname.split('/')].filter((part) => part !== '');
  return join(folder, ...parts.map((part) => part.replace(/[<>:"|?*\\]|%2f|%5c/gi, '_')));
}

/**
 * Fetches a file into its place. Names that end in eight or more hexadecimal digits carry the beginning of their SHA-256
 * (torch.hub's rule), which is checked.
 *
 * @throws UserError that says where to put the file by hand
 */
export async function fetchAddress(
  address: string,
  { target, signal }: { target: string; signal?: AbortSignal },
): Promise<void> {
  const byHand = `Fetch it by hand and put it at ${target}`;
  try {
    const response = await fetch(address, { signal });
    if (!response.ok || response.body === null)
      throw new Error(`the server answers ${response.status} ${response.statusText}`.trimEnd());
    const length = response.headers.get('content-length');
    // The length of what is sent is not that of the file where it is sent compressed.
    const known = length !== null && response.headers.get('content-encoding') === null;
    await saveDownload(target, {
      title: target.split(/[/\\]/).pop() ?? address,
      body: response.body as ReadableStream,
      size: known ? Number(length) : undefined,
      sha256: /-([0-9a-f]{8,64})\.\w+$/.exec(new URL(address).pathname)?.[1] ?? '',
      signal,
    });
  } catch (error) {
    if (signal?.aborted) throw new Interrupted();
    throw new UserError(`${address}: it can't be fetched (${reasonOf(error)}). ${byHand}`, { cause: error });
  }
  note(`${address} is kept in ${target}`);
}

/** Whether a source is an address. */
export function isAddress(source: string): boolean {
  return /^https?:\/\//i.test(source);
}
