import { readDetectorFiles, type DetectorFiles, type LoadDetectorOptions } from '@roikit/detectors';
import { unzipSync } from 'fflate';
import { assetUrl } from './assets';
import type { DetectorSource } from './protocol';

/** A detector's two files from a folder on the server, the files of a folder, or a zip of one. */
export async function readSource(
  source: DetectorSource,
  options: LoadDetectorOptions,
): Promise<DetectorFiles> {
  if ('url' in source) return readDetectorFiles(assetUrl(source.url), options);
  const [first] = source.files;
  if (source.files.length === 1 && first && !/\.json$/i.test(first.name))
    return readDetectorFiles(await unzip(first), options);
  return readDetectorFiles(source.files, options);
}

async function unzip(zip: File): Promise<File[]> {
  const bytes = new Uint8Array(await zip.arrayBuffer());
  try {
    const wanted = /(^|\/)(detector\.json|weights\.safetensors)$/;
    const entries = unzipSync(bytes, { filter: ({ name }) => wanted.test(name) });
    return Object.entries(entries).map(
      ([path, content]) => new File([content as BlobPart], path.split('/').at(-1)!),
    );
  } catch (cause) {
    throw new Error(`${zip.name} is no zip that can be read (${(cause as Error).message}).`, { cause });
  }
}
