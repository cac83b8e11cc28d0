import envPaths from 'env-paths';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { addressPath, fetchAddress, isAddress } from './address';
import { fetchHubFile, parseHubName } from './hub';

export interface LocalFileOptions {
  signal?: AbortSignal;
  /** Where files are kept: of the hub at `owner/name/path`, others at `host/path`. Default: the folder `hub` in the system's cache for roikit. */
  folder?: string;
  /** Default: HF_ENDPOINT, which names a mirror for the hub's own tools too, else the hub. */
  hubUrl?: string;
}

/** The path on disk of a file, or of an address or hub name, which is downloaded where the cache does not have it. */
export async function localFile(
  name: string,
  { folder = cacheFolder(), hubUrl, signal }: LocalFileOptions = {},
): Promise<string> {
  if (isAddress(name)) {
    const target = addressPath(name, folder);
    if (!existsSync(target)) await fetchAddress(name, { target, signal });
    return target;
  }
  const file = parseHubName(name);
  if (file === undefined) return name;
  const target = join(folder, file.repo, file.path);
  if (!existsSync(target)) await fetchHubFile(file, { target, hubUrl, signal });
  return target;
}

function cacheFolder(): string {
  return join(envPaths('roikit', { suffix: '' }).cache, 'hub');
}
