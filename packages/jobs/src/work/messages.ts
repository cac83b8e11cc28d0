import type { RunInfo } from '../types';

/** What a worker's process and its children say to each other. */
export type ToChild = { type: 'open'; init: unknown; run: RunInfo } | { type: 'shard'; shard: number };

export type FromChild =
  | { type: 'ready'; detail: string; slots: number }
  /** It can't work at all, and never will. */
  | ({ type: 'cannot' } & SentError)
  /** About to begin with a picture. */
  | { type: 'at'; image: string }
  | { type: 'done'; result: ShardResult }
  /** The shard can't be read or its part not written: no fault of its pictures. */
  | ({ type: 'failed' } & SentError);

/** What is left of an error between processes; of the system's, also its code and the file. */
export interface SentError {
  message: string;
  code?: string;
  path?: string;
}

export function toSent(error: unknown): SentError {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, code, path } = error as NodeJS.ErrnoException;
  return { message, ...(code !== undefined && { code }), ...(path !== undefined && { path }) };
}

export interface ShardResult {
  pictures: number;
  /** Pictures that could not be dealt with; their lines say why. */
  failed: number;
}
