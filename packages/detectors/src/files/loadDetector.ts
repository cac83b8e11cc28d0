import type { GeneralizedRCNN } from '../generalizedRCNN';
import { unpackDetector, type DetectorFiles } from './detectorFiles';

export interface LoadDetectorOptions {
  /** Hears of the weights how many bytes have come; `total` is undefined where the server does not say. */
  onProgress?: (progress: { loaded: number; total?: number }) => void;
  /** Ends the transfer; the promise then rejects with its reason. */
  signal?: AbortSignal;
}

/** Loads a detector in a page: from the URL of its folder, or from the files a user chose. Node has its own in `/node`. */
export async function loadDetector(
  source: string | URL | Iterable<File>,
  options: LoadDetectorOptions = {},
): Promise<GeneralizedRCNN> {
  return unpackDetector(await readDetectorFiles(source, options));
}

/** The two files of a detector, for those who want to keep them: a page that switches engines makes the detector anew. */
export async function readDetectorFiles(
  source: string | URL | Iterable<File>,
  options: LoadDetectorOptions = {},
): Promise<DetectorFiles> {
  const read =
    typeof source === 'string' || source instanceof URL
      ? fromUrl(String(source), options)
      : fromFiles([...source], options);
  return {
    'detector.json': await read('detector.json'),
    'weights.safetensors': await read('weights.safetensors'),
  };
}

type FileReader = (name: keyof DetectorFiles) => Promise<Uint8Array>;

function fromUrl(folder: string, { signal, onProgress }: LoadDetectorOptions): FileReader {
  return async (name) => {
    const url = `${folder.replace(/\/$/, '')}/${name}`;
    const response = await fetch(url, { signal });
    if (!response.ok) {
      throw new Error(
        `loadDetector: ${url} answered ${response.status}; give the URL of a detector's folder`,
      );
    }
    if (onProgress === undefined || response.body === null || name === 'detector.json')
      return new Uint8Array(await response.arrayBuffer());
    return readBody(response, response.body, onProgress);
  };
}

async function readBody(
  { headers }: Response,
  body: ReadableStream<Uint8Array>,
  onProgress: NonNullable<LoadDetectorOptions['onProgress']>,
): Promise<Uint8Array> {
  // Of a compressed answer the length is that of what travels, not of what arrives here.
  const length = headers.has('content-encoding') ? 0 : Number(headers.get('content-length'));
  const total = length > 0 ? length : undefined;
  const chunks: Uint8Array[] = [];
  let loaded = 0;
  const reader = body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    chunks.push(next.value);
    loaded += next.value.length;
    onProgress({ loaded, total });
  }
  const bytes = new Uint8Array(loaded);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function fromFiles(files: readonly File[], { signal, onProgress }: LoadDetectorOptions): FileReader {
  return async (name) => {
    const file = files.find((candidate) => candidate.name === name);
    if (!file) {
      const got = files.map((candidate) => candidate.name).join(', ') || 'none';
      throw new Error(`loadDetector: expected the files detector.json and weights.safetensors, got ${got}`);
    }
    signal?.throwIfAborted();
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (name === 'weights.safetensors') onProgress?.({ loaded: bytes.length, total: bytes.length });
    return bytes;
  };
}
