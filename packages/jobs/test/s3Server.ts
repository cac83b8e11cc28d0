import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './redisServer';

export const hasS3 = spawnSync('moto_server', ['--help']).status === 0;
if (!hasS3)
  console.warn(
    "SKIPPED: jobs on object storage (no moto_server on this machine: pip install 'moto[server]')",
  );

export interface S3Server {
  /** What tells a client of it: AWS's own tools read the same. */
  env: Record<string, string>;
  /** From now on keys are looked at, and none is known. */
  lock(): Promise<void>;
  stop(): Promise<void>;
}

/** An S3 of our own with one empty bucket. */
export async function startS3(bucket = 'roikit-test'): Promise<S3Server> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = { ...process.env, MOTO_S3_DEFAULT_MAX_KEYS: '10' }; // a list has many pages soon
  const server = spawn('moto_server', ['-H', '127.0.0.1', '-p', `${port}`], { stdio: 'ignore', env });
  await answering(url, server);
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const client = new S3Client({ endpoint: url, region: 'us-east-1', forcePathStyle: true, credentials });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  return {
    env: {
      AWS_ENDPOINT_URL_S3: url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
    },
    lock: async () => void (await fetch(`${url}/moto-api/reset-auth`, { method: 'POST', body: '0' })),
    stop: async () => {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await ended;
    },
  };
}

async function answering(url: string, server: ChildProcess): Promise<void> {
  while (server.exitCode === null) {
    const is = await fetch(`${url}/moto-api/`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (is) return;
    await sleep(100);
  }
  throw new Error(`moto_server ended with ${server.exitCode}`);
}
