import { assertSchemaCompatibility, createPostgresBackend, DEFAULT_SCHEMA, runMigrations } from 'bullmq';
import pg from 'pg';
import type { BullConnection } from './bullQueue';
import { withoutPassword } from './redis';

const CONNECT_MS = 5000;
/** One connection listens for new shards; queries take turns on the others. */
const CONNECTIONS = 4;

/**
 * Asks whether a PostgreSQL is there and lets us in, before any work; with `create` makes BullMQ's tables where they are
 * missing.
 *
 * @throws Error that says what to do
 */
export async function connectPostgres(
  address: string,
  { create }: { create: boolean },
): Promise<BullConnection<pg.Pool>> {
  const shown = withoutPassword(address);
  const pool = new pg.Pool({
    connectionString: address,
    // BullMQ's SQL names no schema.
    options: `-c search_path="${DEFAULT_SCHEMA}"`,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true, // a dropped LISTEN is noticed and renewed
  });
  pool.on('error', () => {}); // an idle connection that drops is replaced
  try {
    const client = await pool.connect();
    try {
      if (create) await runMigrations(client, DEFAULT_SCHEMA);
      else await assertSchemaCompatibility(client, DEFAULT_SCHEMA);
    } finally {
      client.release();
    }
  } catch (error) {
    await pool.end();
    throw explained(shown, error as Error & { code?: string });
  }
  return {
    address: shown,
    warnings: [],
    connection: pool,
    backend: createPostgresBackend as BullConnection<pg.Pool>['backend'],
    close: () => pool.end(),
  };
}

/** PostgreSQL's codes for what a user can cure. */
const CURES: Record<string, string> = {
  '28P01': 'PostgreSQL refuses the password; check it in --queue',
  '28000': 'PostgreSQL does not let this user in; check the user in --queue and pg_hba.conf',
  '3D000': 'there is no such database; create it (createdb), or check its name in --queue',
  '42501': 'this user may not make the tables; grant CREATE on the database, or give another user',
};

function explained(shown: string, error: Error & { code?: string }): Error {
  if (error.name === 'SchemaMigrationRequiredError')
    return new Error(`${shown}: no run was started on this database; run 'roikit jobs start' first`, {
      cause: error,
    });
  const cure = CURES[error.code ?? ''];
  if (cure !== undefined) return new Error(`${shown}: ${cure}`, { cause: error });
  const what = error.code ?? error.message;
  const check = 'check the address, that PostgreSQL runs and that this machine may reach it';
  return new Error(`${shown}: no PostgreSQL answers (${what}); ${check}`, { cause: error });
}
