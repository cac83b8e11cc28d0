import { join } from 'node:path';
import type { ReadableStream } from 'node:stream/web';
import { Interrupted, reasonOf, UserError } from '../errors';
import { note } from '../terminal/print';
import { saveDownload } from './saveDownload';

/** Whether a name is an address. */
export function isAddress(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

/** A server that says nothing for so long never will. */
const TIMEOUT_MS = 60_000;

/** What is at an address, for small files; Error that says what the server answers, where it has no such file. */
export async function fetchBytes(
  address: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Uint8Array> {
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(address, { signal: signal ? AbortSignal.any([signal, limit]) : limit });
  if (response.ok) return new Uint8Array(await response.arrayBuffer());
  await response.body?.cancel();
  throw refusal(response);
}

const refusal = ({ status, statusText }: Response): Error =>
  new Error(`the server answers ${status} ${statusText}`.trimEnd());

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
    if (!response.ok || response.body === null) throw refusal(response);
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
