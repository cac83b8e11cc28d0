import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A file by the path of its address. */
export interface HubServerFile {
  bytes: Uint8Array;
  /** @default the SHA-256 of the bytes */
  etag?: string;
  /** The connection breaks after so many bytes. */
  cutAt?: number;
}

export interface HubServer {
  url: string;
  /** Addresses asked for, in order. */
  requests: string[];
  close(): void;
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** What the hub's servers answer, byte ranges included: 401 under /me/private/, nothing to downloads under /me/slow/. */
export async function startHub(files: Readonly<Record<string, HubServerFile>>): Promise<HubServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    answer(files, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function answer(
  files: Readonly<Record<string, HubServerFile>>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = request.url ?? '';
  if (url.startsWith('/me/slow/') && request.headers.range === undefined) return; // never answers
  if (url.startsWith('/me/private/')) return void response.writeHead(401).end('login');
  const file = files[url.replace('/me/slow/', '/timm/tiny/')];
  if (file === undefined) return void response.writeHead(404, { 'X-Error-Code': 'EntryNotFound' }).end();
  const { bytes, etag = sha256(bytes), cutAt } = file;
  const headers = { etag: `"${etag}"`, 'content-type': 'application/octet-stream' };
  if (request.headers.range === 'bytes=0-0') {
    const range = { 'content-range': `bytes 0-0/${bytes.length}`, 'content-length': 1 };
    return void response.writeHead(206, { ...headers, ...range }).end(bytes.subarray(0, 1));
  }
  response.writeHead(200, { ...headers, 'content-length': bytes.length });
  if (cutAt === undefined) return void response.end(bytes);
  response.write(bytes.subarray(0, cutAt), () => response.destroy());
}
