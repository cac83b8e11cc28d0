import type { Storage } from '../types';
import { fileStorage } from './fileStorage';

/**
 * Where a run's files lie: a folder, or `s3://bucket/prefix` for object storage, which needs `@aws-sdk/client-s3` and
 * `@aws-sdk/lib-storage` installed, and is told of keys, region and server as AWS's own tools are (`AWS_…` variables,
 * profiles, roles).
 *
 * @throws Error that says what to install, or what is wrong with the address
 */
export async function openStorage(location: string): Promise<Storage> {
  if (!isObjectStorage(location)) {
    if (/^[a-z][a-z\d+.-]+:\/\//i.test(location))
      throw new Error(`openStorage: a run lies in a folder or at s3://bucket/prefix, got ${location}`);
    return fileStorage(location);
  }
  const { s3Storage } = await import('./s3Storage');
  return s3Storage(location);
}

/** Whether a location is an address of object storage. */
export function isObjectStorage(location: string): boolean {
  return /^s3:\/\//i.test(location);
}
