import { createHash } from 'node:crypto';
import type { ManifestEntry, ShardEntry, Storage } from '../types';
import { MANIFEST, SHARDS } from './names';

/** The whole of a manifest but its lines. */
export interface ManifestSummary {
  /** Of the shards' hashes and places, and so of every line. */
  hash: string;
  pictures: number;
  shards: ShardEntry[];
}

type Entries = Iterable<ManifestEntry> | AsyncIterable<ManifestEntry>;

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/**
 * Writes a run's pictures, in their order; one shard's lines are in memory.
 *
 * @param beforeEnd hears the hash before the file appears; where it throws, none does
 */
export async function writeManifest(
  storage: Storage,
  entries: Entries,
  { shardSize, beforeEnd }: { shardSize: number; beforeEnd?: (hash: string) => Promise<unknown> },
): Promise<ManifestSummary> {
  const shards: ShardEntry[] = [];
  const lines = async function* () {
    yield* shardLines(entries, { shardSize, shards });
    await beforeEnd?.(summary(shards).hash);
  };
  await storage.write(MANIFEST, lines());
  await storage.write(SHARDS, indexLines(shards));
  return summary(shards);
}

/** What `writeManifest` would write, without writing: to compare it with what was written before. */
export async function summarizeManifest(
  entries: Entries,
  { shardSize }: { shardSize: number },
): Promise<ManifestSummary> {
  const shards: ShardEntry[] = [];
  const lines = shardLines(entries, { shardSize, shards });
  while (!(await lines.next()).done);
  return summary(shards);
}

/**
 * The shards of a run.
 *
 * @throws Error that names the file where it isn't the one that the run was started with
 */
export async function readShards(storage: Storage, hash: string): Promise<ShardEntry[]> {
  const data = await storage.read(SHARDS);
  if (data === undefined || sha256(data) !== hash) throw changed(storage, SHARDS);
  const lines = Buffer.from(data).toString().split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as ShardEntry);
}

/**
 * The pictures of one shard.
 *
 * @throws Error that names the file where its lines aren't those that the run was started with
 */
export async function readEntries(storage: Storage, shard: ShardEntry): Promise<ManifestEntry[]> {
  const data = await storage.read(MANIFEST, { start: shard.start, bytes: shard.bytes });
  if (data === undefined || sha256(data) !== shard.sha256) throw changed(storage, MANIFEST);
  const lines = Buffer.from(data).toString().split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as ManifestEntry);
}

function changed(storage: Storage, name: string): Error {
  const cure = 'put it back, or start a run on another folder';
  return new Error(
    `${storage.location}/${name}: the manifest has changed since the run was started; ${cure}`,
  );
}

/** The text of shard after shard; `shards` is filled on the way. */
async function* shardLines(
  entries: Entries,
  { shardSize, shards }: { shardSize: number; shards: ShardEntry[] },
): AsyncGenerator<Uint8Array> {
  let lines: string[] = [];
  let start = 0;
  let offset = 0;
  const take = (): Uint8Array => {
    const text = Buffer.from(lines.join(''));
    shards.push({ offset, count: lines.length, start, bytes: text.length, sha256: sha256(text) });
    start += text.length;
    offset += lines.length;
    lines = [];
    return text;
  };
  for await (const entry of entries) {
    const { image, size } = entry;
    if (typeof image !== 'string')
      throw new TypeError(
        `startRun: entries must be { image, size? } with a path or an address as image, got ${JSON.stringify(entry)}`,
      );
    lines.push(`${JSON.stringify({ image, size })}\n`);
    if (lines.length === shardSize) yield take();
  }
  if (lines.length > 0) yield take();
}

function* indexLines(shards: readonly ShardEntry[]): Generator<string> {
  for (const shard of shards) yield `${JSON.stringify(shard)}\n`;
}

function summary(shards: ShardEntry[]): ManifestSummary {
  const hash = createHash('sha256');
  for (const line of indexLines(shards)) hash.update(line);
  const pictures = shards.reduce((sum, { count }) => sum + count, 0);
  return { hash: hash.digest('hex'), pictures, shards };
}
