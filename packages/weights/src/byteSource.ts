/** Random access to the bytes of a file, so that a large one is never held twice. */
export interface ByteSource {
  /** For error messages. */
  readonly name: string;
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Another file by its path relative to this one, where that means something. */
  sibling?(path: string): Promise<ByteSource>;
}

export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    name: 'bytes',
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  };
}

export function blobSource(blob: Blob, name: string): ByteSource {
  return {
    name,
    size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
  };
}

/** Downloads a URL, giving up as soon as more than `maxBytes` have come. */
export async function fetchSource(url: string, maxBytes: number): Promise<ByteSource> {
  const response = await fetch(url).catch((cause: unknown) => {
    throw new Error(`readStateDict: cannot reach ${url}; download the file by hand and pass its path`, {
      cause,
    });
  });
  if (!response.ok || !response.body) {
    throw new Error(`readStateDict: ${url} answered ${response.status} ${response.statusText}`);
  }
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array<ArrayBuffer>>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(url, size, maxBytes);
    chunks.push(chunk);
  }
  const sibling = (path: string) =>
    fetchSource(new URL(path, new URL(url, globalThis.location?.href)).href, maxBytes);
  return { ...blobSource(new Blob(chunks), url), sibling };
}

export function tooLarge(name: string, size: number, maxBytes: number): RangeError {
  return new RangeError(
    `readStateDict: ${name}: ${size} bytes or more, over the limit of ${maxBytes}; raise maxBytes if you trust it`,
  );
}
