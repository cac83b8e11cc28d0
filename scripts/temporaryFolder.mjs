import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder;

/** One folder for all that a run of the tests leaves behind, gone with it. Short: a socket's path has 104 bytes on macOS. */
export function setup() {
  folder = mkdtempSync(join(tmpdir(), 'roikit-'));
  // PostgreSQL won't be root: its user has to get through.
  chmodSync(folder, 0o711);
  // What os.tmpdir() reads, in workers and in what they start: TMPDIR on POSIX, TEMP and TMP on Windows.
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder;
}

export function teardown() {
  // A child that was just killed may still hold or write a file.
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
