/** What a worker's process and its children say to each other. */
export type ToChild = { type: 'open'; init: unknown } | { type: 'shard'; shard: number };

export type FromChild =
  | { type: 'ready'; detail: string; slots: number }
  /** It can't work at all, and never will. */
  | { type: 'cannot'; message: string }
  /** About to begin with a picture. */
  | { type: 'at'; image: string }
  | { type: 'done'; result: ShardResult }
  /** The shard can't be read or its part not written: no fault of its pictures. */
  | { type: 'failed'; message: string };

export interface ShardResult {
  pictures: number;
  /** Pictures that could not be dealt with; their lines say why. */
  failed: number;
}
