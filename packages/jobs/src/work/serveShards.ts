import { stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { readEntries, readShards } from '../run/manifest';
import { partName } from '../run/names';
import { readRun } from '../run/runFile';
import type { ManifestEntry, RunInfo, ShardEntry, Storage } from '../types';
import { toSent, type FromChild, type ShardResult, type ToChild } from './messages';

/** What a child process works with. */
export interface PictureWorker {
  storage: Storage;
  /** Where relative paths begin on this machine. @default the run's own */
  root?: string;
  /** For people: engine and model. */
  detail: string;
  /** Such processes that this machine has room for: one a core where it computes on one, else one. @default 1 */
  slots?: number;
  /**
   * Records of one picture; more than one where its file has several frames. The same each time, so nothing of time or
   * place. What it throws is kept as that picture's record, and the others go on.
   */
  work(source: string): AsyncIterable<object>;
}

/**
 * Makes this process a child of `work`: opens once, then does shard after shard. Ends with its parent, so that a worker
 * that is killed leaves nobody behind.
 */
export function serveShards<Init>(open: (init: Init) => Promise<PictureWorker>): void {
  // A parent that was killed hears nothing; `disconnect` follows.
  const send = (message: FromChild): void => void process.send?.(message, undefined, undefined, () => {});
  process.on('disconnect', () => process.exit());
  // A terminal's Ctrl-C and systemd's stop reach the whole group; the parent says when to end.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  let doShard: ((shard: number) => Promise<ShardResult>) | undefined;
  const receive = async (message: ToChild): Promise<void> => {
    if (message.type === 'open') {
      const worker = await open(message.init as Init);
      doShard = await shardWorker(worker, message.run, (image) => send({ type: 'at', image }));
      const { detail, slots = 1 } = worker;
      send({ type: 'ready', detail, slots });
    } else {
      send({ type: 'done', result: await doShard!(message.shard) });
    }
  };
  process.on('message', (message: ToChild) => {
    receive(message).catch((error: unknown) => {
      send({ type: message.type === 'open' ? 'cannot' : 'failed', ...toSent(error) });
    });
  });
}

async function shardWorker(
  worker: PictureWorker,
  run: RunInfo,
  onPicture: (image: string) => void,
): Promise<(shard: number) => Promise<ShardResult>> {
  const { storage } = worker;
  const shards = await readShards(storage, run.manifest);
  return async (shard) => {
    const now = await readRun(storage);
    if (JSON.stringify(now) !== JSON.stringify(run)) {
      const cure = 'end all workers, and start one of the two runs on another folder';
      throw new Error(`${storage.location}: another run has been started there meanwhile; ${cure}`);
    }
    const entry = shards[shard]!;
    const result: ShardResult = { pictures: 0, failed: 0 };
    const root = worker.root ?? run.root;
    await storage.write(partName(shard), partLines({ ...worker, root }, { entry, result, onPicture }));
    return result;
  };
}

/** Lines of a part: each says which picture of the manifest it is of. */
async function* partLines(
  worker: PictureWorker & { root: string },
  {
    entry,
    result,
    onPicture,
  }: { entry: ShardEntry; result: ShardResult; onPicture: (image: string) => void },
): AsyncGenerator<string> {
  const pictures = await readEntries(worker.storage, entry);
  for (const [i, picture] of pictures.entries()) {
    const { image } = picture;
    onPicture(image);
    for await (const record of recordsOf(worker, picture)) {
      if ('error' in record) result.failed++;
      yield `${JSON.stringify({ picture: entry.offset + i, image, ...record })}\n`;
    }
    result.pictures++;
  }
}

async function* recordsOf(
  { work, root }: PictureWorker & { root: string },
  { image, size }: ManifestEntry,
): AsyncGenerator<object> {
  const isAddress = /^https?:\/\//i.test(image);
  const source = isAddress || isAbsolute(image) ? image : join(root, image);
  try {
    if (!isAddress) await checkSize(source, size);
    for await (const record of work(source)) yield placeless(record, source, image);
  } catch (error) {
    yield placeless({ error: error instanceof Error ? error.message : String(error) }, source, image);
  }
}

/** Machines may see the pictures in different places; a record is the same everywhere. */
function placeless(record: object, source: string, image: string): object {
  if (!('error' in record) || typeof record.error !== 'string') return record;
  return { ...record, error: record.error.replaceAll(source, image) };
}

async function checkSize(path: string, size: number | undefined): Promise<void> {
  if (size === undefined) return;
  const { size: now } = await stat(path);
  if (now === size) return;
  const cure = 'put the file back, or start a run on another folder';
  throw new Error(`${path}: changed since the run was started (${size} bytes then, ${now} now); ${cure}`);
}
