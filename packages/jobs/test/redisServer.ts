import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis) console.warn('SKIPPED: jobs on Redis (no redis-server on this machine)');

export interface TestServer {
  url: string;
  port: number;
  /** Without a trace of what was in it. */
  stop(): Promise<void>;
}

/** A redis-server of our own, in memory only. */
export async function startRedis(options: { port?: number; args?: string[] } = {}): Promise<TestServer> {
  const port = options.port ?? (await freePort());
  const dir = mkdtempSync(join(tmpdir(), 'roikit-redis-'));
  const own = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', dir];
  const server = spawn('redis-server', [...own, ...(options.args ?? [])], { stdio: 'ignore' });
  await answering(port, server);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    stop: async () => {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function answering(port: number, server: ChildProcess): Promise<void> {
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => {});
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
      client.once('connect', () => resolve());
    });
  } finally {
    client.disconnect();
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
    probe.once('error', reject);
  });
}

/** A number that a server tells of itself. */
export async function infoOf(url: string, section: string, field: string): Promise<number> {
  const client = new Redis(url);
  const text = await client.info(section);
  client.disconnect();
  return Number(new RegExp(`^${field}:([\\d.]+)`, 'm').exec(text)![1]);
}

/** CPU milliseconds of a server so far. */
export async function cpuOf(url: string): Promise<number> {
  const seconds = (await infoOf(url, 'cpu', 'used_cpu_user')) + (await infoOf(url, 'cpu', 'used_cpu_sys'));
  return 1000 * seconds;
}
