import { spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort, type TestServer } from './redisServer';

/** Debian keeps the server's programs off the path. */
function findBin(): string | undefined {
  if (spawnSync('initdb', ['--version']).status === 0) return '';
  try {
    const [latest] = readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a));
    return latest && `${DEBIAN}/${latest}/bin/`;
  } catch {
    return undefined;
  }
}
const DEBIAN = '/usr/lib/postgresql';
const bin = findBin();

export const hasPostgres = bin !== undefined;
if (!hasPostgres) console.warn('SKIPPED: jobs on PostgreSQL (no initdb on this machine)');

/** PostgreSQL refuses to run as root. */
const NOBODY = 65534;
const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** A PostgreSQL of our own, with user `roikit`, password `right`. */
export async function startPostgres(): Promise<TestServer & { restart(): Promise<void> }> {
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), 'roikit-postgres-'));
  if ('uid' in asNobody) chownSync(dir, NOBODY, NOBODY);
  const data = join(dir, 'data');
  const made = spawnSync(
    'sh',
    [
      '-c',
      `echo right > ${dir}/pw && '${bin}initdb' -D ${data} -U roikit --pwfile=${dir}/pw -A scram-sha-256 -E UTF8 --locale=C --no-sync`,
    ],
    { ...asNobody, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const url = `postgres://roikit:right@127.0.0.1:${port}/postgres`;
  const begin = async () => {
    const own = [
      '-D',
      data,
      '-p',
      `${port}`,
      '-k',
      dir,
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'fsync=off',
    ];
    const server = spawn(`${bin}postgres`, own, { ...asNobody, stdio: 'ignore' });
    await answering(url);
    return server;
  };
  let server = await begin();
  const end = async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGINT'); // "fast": connections are cut
    await ended;
  };
  return {
    url,
    port,
    restart: async () => {
      await end();
      server = await begin();
    },
    stop: async () => {
      await end();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function answering(url: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    const client = new pg.Client(url);
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
