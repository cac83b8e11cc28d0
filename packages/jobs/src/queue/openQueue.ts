import type { RunInfo, ShardQueue } from '../types';
import { localQueue } from './localQueue';

export interface OpenQueueOptions {
  /**
   * Milliseconds after which a shard whose worker says nothing goes to another. @default 30000 BullMQ's own; it is
   * renewed every half of it
   */
  lock?: number;
  /** Makes a PostgreSQL's tables where they are missing. @default false */
  create?: boolean;
}

/**
 * The queue of a run, on the server at `address`: `redis://`, `rediss://`, `postgres://`, or `local` for none. Two runs
 * on one server never meet.
 *
 * @throws Error that names the address, without its password, where nobody answers there or we are not let in
 */
export async function openQueue(
  address: string,
  { manifest }: Pick<RunInfo, 'manifest'>,
  { lock = 30_000, create = false }: OpenQueueOptions = {},
): Promise<ShardQueue> {
  if (address === 'local') return localQueue();
  const scheme = /^(redis|rediss|postgres|postgresql):\/\/./.exec(address)?.[1];
  if (scheme === undefined) {
    const forms = 'redis://host:6379, rediss://…, postgres://user@host/database or local';
    throw new Error(`openQueue: the queue must be ${forms}, got ${address}`);
  }
  // Loaded when they are called for.
  const { bullQueue } = await import('./bullQueue');
  const options = { name: `roikit-${manifest.slice(0, 16)}`, lock };
  if (scheme.startsWith('redis')) {
    const { connectRedis } = await import('./redis');
    return bullQueue(await connectRedis(address), options);
  }
  const { connectPostgres } = await import('./postgres');
  return bullQueue(await connectPostgres(address, { create }), options);
}
