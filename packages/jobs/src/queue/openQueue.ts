import type { RunInfo, ShardQueue } from '../types';
import type { BullConnection } from './bullQueue';
import { localQueue } from './localQueue';

export interface OpenQueueOptions {
  /**
   * Milliseconds after which a shard whose worker says nothing goes to another. @default 30000 BullMQ's own; it is
   * renewed every half of it
   */
  lock?: number;
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
  { lock = 30_000 }: OpenQueueOptions = {},
): Promise<ShardQueue> {
  if (address === 'local') return localQueue();
  const open = async <C>(connection: BullConnection<C>): Promise<ShardQueue> => {
    const { bullQueue } = await import('./bullQueue');
    return bullQueue(connection, { name: `roikit-${manifest.slice(0, 16)}`, lock });
  };
  // Clients are loaded when they are called for.
  if (schemeOf(address) === 'redis') return open(await (await import('./redis')).connectRedis(address));
  return open(await (await import('./postgres')).connectPostgres(address, { create: false }));
}

/**
 * Asks whether a server is there and lets us in, before a list of millions is read; makes a PostgreSQL's tables where
 * they are missing.
 *
 * @throws as `openQueue`
 */
export async function prepareQueue(address: string): Promise<void> {
  if (address === 'local') return;
  const connection =
    schemeOf(address) === 'redis'
      ? await (await import('./redis')).connectRedis(address)
      : await (await import('./postgres')).connectPostgres(address, { create: true });
  await connection.close();
}

function schemeOf(address: string): 'redis' | 'postgres' {
  const scheme = /^(redis|postgres)(?:s|ql)?:\/\/./.exec(address)?.[1];
  if (scheme !== undefined) return scheme as 'redis' | 'postgres';
  const forms = 'redis://host:6379, rediss://…, postgres://user@host/database or local';
  throw new Error(`openQueue: the queue must be ${forms}, got ${address}`);
}
