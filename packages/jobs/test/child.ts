import { appendFileSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStorage } from '../src/storage/openStorage';
import type { Storage } from '../src/types';
import { serveShards } from '../src/work/serveShards';

export interface TestInit {
  folder: string;
  root?: string;
  /** Milliseconds that a picture takes: waited, then computed without a pause. */
  waits?: number;
  blocks?: number;
  /** A file that counts starts; from the second on, they fail. */
  starts?: string;
  /** Nothing can be written. */
  full?: boolean;
}

/** "Detects" what the file says: a count of objects, or how to fail. */
serveShards<TestInit>(async ({ folder, root, waits = 0, blocks = 0, starts, full }) => {
  if (starts !== undefined) appendFileSync(starts, 'x');
  if (starts !== undefined && readFileSync(starts, 'utf8') !== 'x') process.exit(3);
  if (folder === 'nowhere') throw new Error('child: there is no model');
  const storage = await openStorage(folder);
  return {
    storage: full ? fullStorage(storage) : storage,
    root,
    detail: 'test child',
    async *work(path) {
      const text = await readFile(path, 'utf8');
      if (waits > 0) await sleep(waits);
      for (const end = performance.now() + blocks; performance.now() < end;);
      if (text === 'kills') process.kill(process.pid, 'SIGKILL');
      if (text === 'hangs') await sleep(1e6);
      if (text === 'other') return yield { bytes: text.length };
      if (text === 'told') return yield { error: `${path}: no picture` };
      if (text === 'bad') throw new Error(`${path}: no picture; check the file`);
      const box = (i: number) => [i, 2 * i, i + 10, 2 * i + 5];
      const detections = Array.from({ length: Number(text) }, (_, i) => ({
        class: 'a',
        label: 1,
        score: 1 / (i + 3),
        box: box(i),
      }));
      yield { width: 64, height: 48, detections };
    },
  };
});

function fullStorage(storage: Storage): Storage {
  const write = async (name: string): Promise<void> => {
    const error = new Error('ENOSPC: no space left on device, write');
    throw Object.assign(error, { code: 'ENOSPC', syscall: 'write', path: `${storage.location}/${name}` });
  };
  return { ...storage, write };
}
