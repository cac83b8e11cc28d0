import envPaths from 'env-paths';
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { Interrupted, UsageError, UserError } from './errors';
import { note } from './terminal/print';
import { fileSize } from './terminal/size';
import { Progress } from './terminal/progress';

/** A file of a repository on the hub, or what is asked for by its name. */
export interface HubFile {
  /** `owner/name`. */
  repo: string;
  /** Path in the repository. */
  path: string;
}

export interface HubOptions {
  signal?: AbortSignal;
  /** Where files are kept, each at `owner/name/path`. Default: the folder `hub` in the system's cache for roikit. */
  folder?: string;
  /** Default: HF_ENDPOINT, which names a mirror for the hub's own tools too, else the hub. */
  hubUrl?: string;
}

/** What timm and most others call the weights of a repository. */
const DEFAULT_PATH = 'model.safetensors';
const PREFIX = 'hf:';

/** `hf:owner/name[/path]`; undefined for a name that is no hub name, UsageError for one that is misspelt. */
export function parseHubName(name: string): HubFile | undefined {
  if (!name.startsWith(PREFIX)) return undefined;
  const parts = name.slice(PREFIX.length).split('/');
  // A cache path is made of them: no `..`, no drive letters, nothing empty.
  if (parts.length < 2 || !parts.every((part) => /^[\w-][\w.-]*$/.test(part))) {
    throw new UsageError(
      `${name}: a hub name is ${PREFIX}owner/name or ${PREFIX}owner/name/file, such as ${PREFIX}timm/resnet18.tv_in1k`,
    );
  }
  return { repo: parts.slice(0, 2).join('/'), path: parts.slice(2).join('/') || DEFAULT_PATH };
}

/** The path on disk of a file or of a hub name, which is downloaded where the cache does not have it. */
export async function localFile(name: string, options: HubOptions = {}): Promise<string> {
  const file = parseHubName(name);
  if (file === undefined) return name;
  const target = cachedPath(file, options);
  if (!existsSync(target)) await download(file, target, options);
  return target;
}

function cachedPath({ repo, path }: HubFile, { folder }: HubOptions): string {
  return join(folder ?? join(envPaths('roikit', { suffix: '' }).cache, 'hub'), repo, path);
}

async function download(file: HubFile, target: string, options: HubOptions): Promise<void> {
  // Loaded here: most runs never ask the hub.
  const { downloadFile, fileDownloadInfo, HUB_URL } = await import('@huggingface/hub');
  const { hubUrl = process.env.HF_ENDPOINT?.replace(/\/+$/, '') ?? HUB_URL, signal } = options;
  const request = {
    ...file,
    hubUrl,
    fetch: ((url, init) => fetch(url, { ...init, signal })) as typeof fetch,
    // Plain HTTP: one host less than Xet's own protocol needs, and the one that proxies and mirrors know.
    xet: false,
  };
  try {
    const downloadInfo = await fileDownloadInfo(request);
    const blob = downloadInfo && (await downloadFile({ ...request, downloadInfo }));
    if (!downloadInfo || !blob) throw new Missing();
    await save(blob, target, { title: file.repo, etag: downloadInfo.etag, signal });
  } catch (error) {
    if (signal?.aborted) throw new Interrupted();
    throw hubError(error, file, { target, hubUrl });
  }
  note(`${PREFIX}${file.repo}/${file.path} is kept in ${target}`);
}

class Missing extends Error {}

interface SaveOptions {
  title: string;
  /** Of large files it is their SHA-256. */
  etag: string;
  signal?: AbortSignal;
}

/** Streams a file beside its place and moves it there when it is whole. */
async function save(blob: Blob, target: string, { title, etag, signal }: SaveOptions): Promise<void> {
  const part = `${target}.${process.pid}.part`;
  await mkdir(dirname(target), { recursive: true });
  const progress = new Progress({ title, total: blob.size, format: fileSize });
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
    const source = Readable.fromWeb(blob.stream() as ReadableStream);
    await pipeline(source, meter, createWriteStream(part), { signal });
    const sum = /[0-9a-f]{64}/.exec(etag)?.[0] ?? '';
    if (bytes !== blob.size) throw new Error(`${bytes} bytes came, ${blob.size} were announced`);
    if (sum !== '' && hash.digest('hex') !== sum) throw new Error('its SHA-256 is not the announced one');
    await rename(part, target);
  } finally {
    progress.stop();
    await rm(part, { force: true });
  }
}

/** What went wrong, and how to get the file without this machine's network. */
function hubError(
  cause: unknown,
  { repo, path }: HubFile,
  { target, hubUrl }: { target: string; hubUrl: string },
): UserError {
  const name = `${PREFIX}${repo}/${path}`;
  const status = (cause as { statusCode?: number }).statusCode;
  if (cause instanceof Missing || status === 404) {
    return new UserError(`${name}: the hub has no such file; look up its name at ${hubUrl}/${repo}`, {
      cause,
    });
  }
  const byHand = `Fetch ${hubUrl}/${repo}/resolve/main/${path} by hand and put it at ${target}`;
  if (status === 401 || status === 403) {
    // The hub does not tell a private repository from one that is not there.
    return new UserError(
      `${name}: the hub refuses (${status}): there is no such repository, or it needs a login. ${byHand}`,
      { cause },
    );
  }
  if (status !== undefined) {
    return new UserError(`${name}: the hub failed (${status}); try again later. ${byHand}`, { cause });
  }
  // All that fetch says where no answer came at all.
  const failed = cause instanceof TypeError && cause.message === 'fetch failed';
  const what = failed ? "the hub can't be reached" : 'the download failed';
  return new UserError(`${name}: ${what} (${reason(cause)}). ${byHand}`, { cause });
}

/** fetch says only "fetch failed"; what failed is in its cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors.length > 0) return reason(cause.errors[0]);
  return cause instanceof Error ? reason(cause) : error.message || error.name;
}
