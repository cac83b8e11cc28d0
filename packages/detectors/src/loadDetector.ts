import type { GeneralizedRCNN } from './generalizedRCNN';
import { unpackDetector, type DetectorFiles } from './detectorFiles';

/** Loads a detector in a page: from the URL of its folder, or from the files a user chose. Node has its own in `/node`. */
export async function loadDetector(source: string | URL | Iterable<File>): Promise<GeneralizedRCNN> {
  const read =
    typeof source === 'string' || source instanceof URL ? fromUrl(String(source)) : fromFiles([...source]);
  return unpackDetector({
    'detector.json': await read('detector.json'),
    'weights.safetensors': await read('weights.safetensors'),
  });
}

type FileReader = (name: keyof DetectorFiles) => Promise<Uint8Array>;

function fromUrl(folder: string): FileReader {
  return async (name) => {
    const url = `${folder.replace(/\/$/, '')}/${name}`;
    const response = await fetch(url);
    if (!response.ok) {
      throw new Error(
        `loadDetector: ${url} answered ${response.status}; give the URL of a detector's folder`,
      );
    }
    return new Uint8Array(await response.arrayBuffer());
  };
}

function fromFiles(files: readonly File[]): FileReader {
  return async (name) => {
    const file = files.find((candidate) => candidate.name === name);
    if (!file) {
      const got = files.map((candidate) => candidate.name).join(', ') || 'none';
      throw new Error(`loadDetector: expected the files detector.json and weights.safetensors, got ${got}`);
    }
    return new Uint8Array(await file.arrayBuffer());
  };
}
