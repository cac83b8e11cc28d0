import type { Boxes } from '@roikit/geometry';
import type { RgbImage } from '@roikit/image';
import { atomicWrite } from '@roikit/training/node';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkProposals } from '../proposals/checkProposals';
import type { ProposalSource } from '../types';

export interface CachedProposalsOptions {
  /** Where the boxes are kept, one file an image. */
  folder: string;
  /** Everything the proposals depend on but the image, the algorithm's version included: another value, another file. */
  parameters: unknown;
  /** Hears once why the cache can't be written; the proposals are then computed every time. @default console.warn */
  warn?: (message: string) => void;
}

/** Of a file: a checksum before the boxes. */
const DIGEST_BYTES = 16;

/**
 * Keeps a source's proposals on disk, by image content and parameters. A damaged entry is computed again, a cache that
 * can't be written is a warning.
 */
export function cachedProposals(
  source: ProposalSource,
  { folder, parameters, warn = (message) => console.warn(message) }: CachedProposalsOptions,
): ProposalSource {
  let warned = false;
  return async (image) => {
    const path = join(folder, `${contentKey(image, parameters)}.boxes`);
    const cached = await readEntry(path);
    if (cached) return cached;
    const boxes = await source(image);
    await atomicWrite(path, packEntry(boxes)).catch((error: Error) => {
      if (!warned) warn(`the cache of proposals is not used: ${error.message}`);
      warned = true;
    });
    return boxes;
  };
}

/** Undefined where there is no entry, or one that is not whole. */
async function readEntry(path: string): Promise<Boxes | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined || bytes.length < DIGEST_BYTES) return undefined;
  const body = bytes.subarray(DIGEST_BYTES);
  if (!digest(body).equals(bytes.subarray(0, DIGEST_BYTES)) || body.length % 16 !== 0) return undefined;
  return checkProposals('cachedProposals', new Float32Array(new Uint8Array(body).buffer));
}

function packEntry(boxes: Boxes): Uint8Array {
  const body = new Uint8Array(boxes.buffer, boxes.byteOffset, boxes.byteLength);
  return Buffer.concat([digest(body), body]);
}

function digest(body: Uint8Array): Buffer {
  return createHash('sha256').update(body).digest().subarray(0, DIGEST_BYTES);
}

function contentKey({ data, width, height }: RgbImage, parameters: unknown): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ parameters, width, height }));
  hash.update(data);
  return hash.digest('hex').slice(0, 32);
}
