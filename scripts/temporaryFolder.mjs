import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What os.tmpdir() reads, and children with it: TMPDIR on POSIX, TEMP and TMP on Windows. */
const NAMES = ['TMPDIR', 'TEMP', 'TMP'];

/** One folder for all that a run of the tests leaves behind, gone with it. Short: a socket's path has 104 bytes on macOS. */
export default function setup() {
  const before = NAMES.map((name) => [name, process.env[name]]);
  const folder = mkdtempSync(join(tmpdir(), 'roikit-'));
  // PostgreSQL won't be root: its user has to get through.
  chmodSync(folder, 0o711);
  for (const name of NAMES) process.env[name] = folder;
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    // A child that was just killed may still hold or write a file.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
}
