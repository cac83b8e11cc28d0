import type { Boxes, RgbImage } from '@roikit/geometry';
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProposalSource } from '../types';
import { atomicWrite } from './atomicWrite';

export interface CachedProposalsOptions {
  /** Where the boxes are kept, one file an image. */
  folder: string;
  /** Everything the proposals depend on but the image: another value, another file. */
  parameters: unknown;
}

/** Keeps a source's proposals on disk, by image content and parameters. */
export function cachedProposals(
  source: ProposalSource,
  { folder, parameters }: CachedProposalsOptions,
): ProposalSource {
  return async (image) => {
    const path = join(folder, `${contentKey(image, parameters)}.f32`);
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes) return new Float32Array(new Uint8Array(bytes).buffer);
    const boxes: Boxes = await source(image);
    await mkdir(folder, { recursive: true });
    await atomicWrite(path, new Uint8Array(boxes.buffer, boxes.byteOffset, boxes.byteLength));
    return boxes;
  };
}

function contentKey({ data, width, height }: RgbImage, parameters: unknown): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ parameters, width, height }));
  hash.update(data);
  return hash.digest('hex').slice(0, 32);
}
