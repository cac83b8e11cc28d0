import { stat } from 'node:fs/promises';
import { ImageFileError } from './imageFileError';

/**
 * Refuses folders, pipes, sockets and devices: a pipe that nobody writes to holds the thread that opens it, and with it
 * the whole process, for ever; a device never ends.
 */
export async function requireFile(source: string | Uint8Array): Promise<void> {
  if (typeof source !== 'string') return;
  const info = await stat(source).catch(() => undefined); // a missing one is told by who reads it
  if (info === undefined || info.isFile()) return;
  throw new ImageFileError(source, {
    what: info.isDirectory() ? 'it is a folder, not a file' : 'it is a pipe or a device, not a file',
    cure: 'give a file, or its bytes',
  });
}
