import type { S3Client } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import type { Storage } from '../types';
import { explained, isMissing } from './s3Errors';

/** A part of a large upload: 10,000 of them, S3's most, are 160 GB. Two are in memory. */
const PART_BYTES = 16 << 20;
const PARTS_AT_ONCE = 2;

/**
 * A run in a bucket. An object appears when its PUT, or the last request of its parts, has ended, and not before: no
 * temporary names are needed.
 */
export async function s3Storage(address: string): Promise<Storage> {
  const { bucket, prefix, location } = parseAddress(address);
  const aws = await loadClient();
  // Servers other than Amazon's have no name for each bucket.
  const forcePathStyle = Boolean(process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL']);
  const client = new aws.S3Client({ forcePathStyle });
  const at = (name: string) => ({ Bucket: bucket, Key: prefix + name });
  const naming = async <T>(name: string, work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw explained(`${location}/${name}`, error, bucket);
    });
  return {
    location,
    read: (name, range) =>
      naming(
        name,
        unlessMissing(async () => {
          const Range = range && `bytes=${range.start}-${range.start + range.bytes - 1}`;
          const { Body } = await client.send(new aws.GetObjectCommand({ ...at(name), Range }));
          return Body!.transformToByteArray();
        }),
      ),
    write: (name, data) => naming(name, put(aws, client, { ...at(name), data })),
    exists: async (name) => {
      const head = () => client.send(new aws.HeadObjectCommand(at(name)));
      return (await naming(name, unlessMissing(head))) !== undefined;
    },
    list: async function* (folder) {
      const Prefix = `${prefix}${folder}/`;
      const pages = aws.paginateListObjectsV2({ client }, { Bucket: bucket, Prefix, Delimiter: '/' });
      while (true) {
        const { value: page, done } = await naming(folder, pages.next());
        if (done) return;
        for (const { Key, LastModified } of page.Contents ?? [])
          yield { name: Key!.slice(Prefix.length), modified: async () => LastModified! };
      }
    },
    remove: async (name) => void (await naming(name, client.send(new aws.DeleteObjectCommand(at(name))))),
  };
}

type Aws = Awaited<ReturnType<typeof loadClient>>;

/** Only those who use object storage have it. */
async function loadClient() {
  try {
    const [s3, { Upload }] = await Promise.all([
      import('@aws-sdk/client-s3'),
      import('@aws-sdk/lib-storage'),
    ]);
    return { ...s3, Upload };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const cure = 'npm i @aws-sdk/client-s3 @aws-sdk/lib-storage';
    throw new Error(`openStorage: object storage needs Amazon's client; install it: ${cure}`, {
      cause: error,
    });
  }
}

function parseAddress(address: string): { bucket: string; prefix: string; location: string } {
  const [, bucket, path = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/i.exec(address) ?? [];
  if (bucket === undefined)
    throw new Error(`openStorage: object storage must be s3://bucket/prefix, got ${address}`);
  const folder = path.replace(/\/+$/, '');
  return {
    bucket,
    prefix: folder === '' ? '' : `${folder}/`,
    location: `s3://${bucket}${folder && `/${folder}`}`,
  };
}

async function put(
  { PutObjectCommand, Upload }: Aws,
  client: S3Client,
  { data, ...target }: { Bucket: string; Key: string; data: Parameters<Storage['write']>[1] },
): Promise<void> {
  if (data instanceof Uint8Array) await client.send(new PutObjectCommand({ ...target, Body: data }));
  else {
    const params = { ...target, Body: Readable.from(asBytes(data)) };
    await new Upload({ client, params, partSize: PART_BYTES, queueSize: PARTS_AT_ONCE }).done();
  }
}

async function* asBytes(
  chunks: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

async function unlessMissing<T>(ask: () => Promise<T>): Promise<T | undefined> {
  return ask().catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}
