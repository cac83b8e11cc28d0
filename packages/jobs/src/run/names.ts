import type { Storage } from '../types';

/** Names of a run's files. */
export const RUN = 'run.json';
/** A line of JSON a picture. */
export const MANIFEST = 'manifest.jsonl';
/** A line of JSON a shard. */
export const SHARDS = 'shards.jsonl';
/** A copy of the model, so that every machine has the same. */
export const MODEL = 'model';
export const PARTS = 'parts';
const ATTEMPTS = 'attempts';
export const FAILED = 'failed';

/** Names sort as numbers do, up to 10⁸ shards. */
const DIGITS = 8;

const numbered = (shard: number): string => `part-${String(shard).padStart(DIGITS, '0')}`;

/** Results of a shard. */
export const partName = (shard: number): string => `${PARTS}/${numbered(shard)}.jsonl`;
/** Starts of a shard that have not ended yet. */
export const attemptsName = (shard: number): string => `${ATTEMPTS}/${numbered(shard)}.json`;
/** Why a shard is set aside. */
export const failedName = (shard: number): string => `${FAILED}/${numbered(shard)}.json`;

/** The number in a name that one of the above made; undefined for other files. */
export function shardOf(name: string): number | undefined {
  const digits = /^part-(\d{8,})\.jsonl?$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** A part, for messages. */
export const partPath = (storage: Storage, shard: number): string => `${storage.location}/${partName(shard)}`;
