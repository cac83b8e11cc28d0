import type { ReadableStream } from 'node:stream/web';
import { Interrupted, reasonOf, UsageError, UserError } from '../errors';
import { note } from '../terminal/print';
import { saveDownload } from './saveDownload';

/** A file of a repository on the hub, or what is asked for by its name. */
export interface HubFile {
  /** `owner/name`. */
  repo: string;
  /** Path in the repository. */
  path: string;
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

/**
 * Fetches a file of the hub into its place.
 *
 * @param options hubUrl: @default HF_ENDPOINT, which names a mirror for the hub's own tools too, else the hub
 * @throws UserError that says where to put the file by hand
 */
export async function fetchHubFile(
  file: HubFile,
  { target, ...options }: { target: string; hubUrl?: string; signal?: AbortSignal },
): Promise<void> {
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
    await saveDownload(target, {
      title: file.repo,
      body: blob.stream() as ReadableStream,
      size: blob.size,
      // The etag of large files.
      sha256: /[0-9a-f]{64}/.exec(downloadInfo.etag)?.[0] ?? '',
      signal,
    });
  } catch (error) {
    if (signal?.aborted) throw new Interrupted();
    throw hubError(error, file, { target, hubUrl });
  }
  note(`${PREFIX}${file.repo}/${file.path} is kept in ${target}`);
}

class Missing extends Error {}

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
  return new UserError(`${name}: ${what} (${reasonOf(cause)}). ${byHand}`, { cause });
}
