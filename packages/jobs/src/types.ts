/** A shard, as a queue carries it: a run of pictures of a manifest. No path and no picture is ever in the queue. */
export interface ShardJob {
  /** Content hash of the manifest. */
  manifest: string;
  /** Position of the first picture. */
  offset: number;
  count: number;
}

/** A picture of a manifest. */
export interface ManifestEntry {
  /** Path (relative to the run's root where it lies below) or http(s) address. */
  image: string;
  /** Bytes of the file; absent for addresses. */
  size?: number;
}

/** Where a shard's lines stand in the manifest, and what they are. */
export interface ShardEntry {
  offset: number;
  count: number;
  /** First byte of its lines in the manifest, and how many bytes they are. */
  start: number;
  bytes: number;
  /** Of those bytes, hexadecimal. */
  sha256: string;
}

/** What is to be done: written once, when a run starts, and never changed. */
export interface RunInfo {
  /** Of this file's form. */
  version: 1;
  /** Content hash of the manifest; names the queue, too. */
  manifest: string;
  pictures: number;
  shards: number;
  /** Pictures of a shard; the last may have fewer. */
  shardSize: number;
  /** Where relative paths of the manifest begin, on the machine that made it. */
  root: string;
  /** What else the results depend on, such as the model's hash: two runs that differ in it can't share a folder. */
  settings: Record<string, unknown>;
}

/** A start of a shard that ended neither in its part nor in its return. */
export interface Attempt {
  /** ISO 8601. */
  at: string;
  host: string;
  pid: number;
  /** How it ended; absent where the worker vanished altogether. */
  reason?: string;
  /** The picture it was at, where that is known. */
  image?: string;
}

/** A shard that nobody works on any more, and why. */
export interface FailedShard {
  shard: number;
  offset: number;
  count: number;
  attempts: Attempt[];
}

/**
 * Where a run's files lie: a folder that all machines see, or object storage. Names are relative, with `/`.
 * What is written appears whole or not at all.
 */
export interface Storage {
  /** For people. */
  readonly location: string;
  /** Undefined where there is no such file. */
  read(name: string, range?: { start: number; bytes: number }): Promise<Uint8Array | undefined>;
  /** Makes or replaces a file. */
  write(
    name: string,
    data: Uint8Array | AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  ): Promise<void>;
  /** Whether there is such a file. */
  exists(name: string): Promise<boolean>;
  /** Files directly in a folder, in any order; none where the folder is missing. */
  list(folder: string): AsyncIterable<{ name: string; modified(): Promise<Date> }>;
  /** No error where it is gone already. */
  remove(name: string): Promise<void>;
}

/** How a shard was left by who worked on it. */
export type ShardOutcome = 'done' | 'given back';

/** What is in a queue; in a lost one, nothing. */
export interface QueueCounts {
  waiting: number;
  active: number;
}

export interface WorkOptions {
  /** Shards at a time. */
  slots: number;
  /** No more shards are taken; `work` resolves when those in hand are done or given back. */
  signal: AbortSignal;
  /** Hears when the queue can't be reached, which is tried again until it can. */
  onTrouble(message: string): void;
}

/**
 * Hands shards to workers; everything else that is known of a run lies in its storage, so that a queue may be lost.
 * A shard is handed to one worker at a time, and again where that worker vanishes.
 */
export interface ShardQueue {
  /** For people; without a password. */
  readonly address: string;
  /** What the user should know about it, such as a policy that loses jobs. */
  readonly warnings: readonly string[];
  /** Enqueues shards; those that wait or are at work already are left as they are. */
  add(jobs: readonly ShardJob[]): Promise<void>;
  /** How many shards wait and are at work. */
  counts(): Promise<QueueCounts>;
  /** Forgets the shards that wait. */
  clear(): Promise<void>;
  /** Takes shards and hands them to `handle`, until the signal ends it. */
  work(handle: (job: ShardJob) => Promise<ShardOutcome>, options: WorkOptions): Promise<void>;
  /** Lets go of the connection; the shards stay. */
  close(): Promise<void>;
}
