import { createRedisBackend, type ConnectionOptions } from 'bullmq';
import { Redis } from 'ioredis';
import type { BullConnection } from './bullQueue';

/** BullMQ's own least. */
const LEAST_VERSION = [6, 2] as const;
const CONNECT_MS = 5000;

/** Asks whether a Redis is there and lets us in, before any work. @throws Error that says what to do */
export async function connectRedis(address: string): Promise<BullConnection<ConnectionOptions>> {
  const shown = withoutPassword(address);
  const info = await ask(address, shown);
  const version = /^redis_version:(\S+)/m.exec(info)?.[1];
  if (version !== undefined && isOlder(version))
    throw new Error(`${shown}: Redis ${version}, at least ${LEAST_VERSION.join('.')} is needed; update it`);
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'noeviction';
  const evicts = `${shown}: its maxmemory-policy is ${policy}, so it may throw waiting shards away when memory is short; set it to noeviction (redis-cli config set maxmemory-policy noeviction)`;
  // Tries again for ever: a worker outlives a restart of its server.
  const connection = new Redis(address, { maxRetriesPerRequest: null });
  connection.on('error', () => {}); // told by the worker
  const clients = withCopies(connection);
  return {
    address: shown,
    warnings: policy === 'noeviction' ? [] : [evicts],
    connection,
    backend: createRedisBackend,
    close: async () => clients.forEach((client) => client.disconnect()),
  };
}

/** BullMQ waits for shards on a copy, which it can't close while the server is away: it would try again for ever. */
function withCopies(connection: Redis): Redis[] {
  const clients = [connection];
  const duplicate = connection.duplicate.bind(connection);
  connection.duplicate = (options) => {
    const copy = duplicate(options);
    clients.push(copy);
    return copy;
  };
  return clients;
}

async function ask(address: string, shown: string): Promise<string> {
  const options = { lazyConnect: true, connectTimeout: CONNECT_MS, maxRetriesPerRequest: 0 };
  const client = new Redis(address, { ...options, enableReadyCheck: false, retryStrategy: () => null });
  let first: Error | undefined; // commands only say that the connection is closed
  client.on('error', (error: Error) => (first ??= error));
  try {
    await client.connect();
    return await client.info();
  } catch (error) {
    throw explained(shown, first ?? (error as Error));
  } finally {
    client.disconnect();
  }
}

function explained(shown: string, error: Error): Error {
  const { message } = error;
  if (/WRONGPASS|invalid password|without any password/i.test(message))
    return new Error(`${shown}: Redis refuses the password or user; check them in --queue`, { cause: error });
  if (/NOAUTH/i.test(message))
    return new Error(`${shown}: Redis wants a password; give it: redis://:PASSWORD@host:6379`, {
      cause: error,
    });
  const what = (error as NodeJS.ErrnoException).code ?? message;
  const cure = 'check the address, that redis-server runs and that this machine may reach it';
  return new Error(`${shown}: no Redis answers (${what}); ${cure}`, { cause: error });
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < LEAST_VERSION[0] || (major === LEAST_VERSION[0] && minor < LEAST_VERSION[1]);
}

/** An address that may be shown. */
export function withoutPassword(address: string): string {
  try {
    const url = new URL(address);
    if (url.password !== '') url.password = '***';
    return url.href;
  } catch {
    return address.replace(/\/\/[^@/]*@/, '//***@');
  }
}
