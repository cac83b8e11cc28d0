import type { Entry, FileEntry } from '@zip.js/zip.js';
import { Reader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
import type { ByteSource } from '../byteSource';
import { decode } from '../decode';
import type { StateDict, TensorData } from '../stateDict';
import { itemSize } from '../stateDict';
import type { StorageRef } from './torchObjects';
import { toStateDict, torchHandlers } from './torchObjects';
import { unpickle } from './unpickle';

/** zip.js's way of reading a part of a file. */
class SourceReader extends Reader<ByteSource> {
  private readonly source: ByteSource;
  constructor(source: ByteSource) {
    super(source);
    this.source = source;
    this.size = source.size;
  }
  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    return this.source.read(index, Math.max(0, Math.min(length, this.source.size - index)));
  }
}

/** PyTorch stores entries as they are; a compressed one can unfold to any size, so none is taken. */
async function readEntry(entry: FileEntry, source: ByteSource): Promise<Uint8Array> {
  const stored = entry.compressionMethod === 0 && entry.uncompressedSize === entry.compressedSize;
  if (!stored || entry.uncompressedSize > source.size) {
    throw new RangeError(`its entry ${entry.filename} is compressed, which PyTorch’s never are`);
  }
  return entry.getData(new Uint8ArrayWriter(), { useWebWorkers: false });
}

function findFile(entries: Entry[], suffix: string): FileEntry {
  const found = entries.find(
    (entry): entry is FileEntry => !entry.directory && entry.filename.endsWith(suffix),
  );
  if (!found) throw new RangeError(`it has no entry ${suffix}; is it a PyTorch file?`);
  return found;
}

function decodeStorage({ dtype, key, count }: StorageRef, bytes: Uint8Array): TensorData {
  if (count * itemSize[dtype] !== bytes.length) {
    throw new RangeError(`its storage ${key} has ${bytes.length} bytes, not ${count} elements of ${dtype}`);
  }
  return decode(dtype, bytes);
}

/** The zip that torch.save has written since PyTorch 1.6: `data.pkl` and one entry a storage. */
export async function readPthZip(source: ByteSource): Promise<StateDict> {
  const zip = new ZipReader(new SourceReader(source));
  try {
    const entries = await zip.getEntries();
    const pickle = findFile(entries, 'data.pkl');
    const root = pickle.filename.slice(0, -'data.pkl'.length);
    const order = entries.find((entry) => entry.filename === `${root}byteorder`) as FileEntry | undefined;
    if (order && new TextDecoder().decode(await readEntry(order, source)) !== 'little') {
      throw new RangeError('it was written on a big-endian machine');
    }
    const { value } = unpickle(await readEntry(pickle, source), 0, torchHandlers);
    let total = 0;
    const load = async (storage: StorageRef) => {
      const bytes = await readEntry(findFile(entries, `${root}data/${storage.key}`), source);
      total += bytes.length;
      if (total > source.size) throw new RangeError('its entries overlap');
      return decodeStorage(storage, bytes);
    };
    return await toStateDict(value, load, source.size);
  } finally {
    await zip.close();
  }
}

/** First bytes of the older files: protocol 2 and torch's magic number 0x1950a86a20f9469cfc6c, as a 10-byte integer. */
export const legacyMagic = [
  0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
];

/** Files from before 1.6, as torchvision's VGG: pickles one after another, then the storages, each with its length. */
export async function readPthLegacy(source: ByteSource): Promise<StateDict> {
  const bytes = await source.read(0, source.size);
  let position = legacyMagic.length;
  const next = () => {
    const { value, end } = unpickle(bytes, position, torchHandlers);
    position = end;
    return value;
  };
  next(); // protocol version
  next(); // the writer's integer sizes and byte order
  const value = next();
  const keys = next();
  if (!Array.isArray(keys)) throw new RangeError('it lists no storages');
  const starts = new Map(keys.map((key, i) => [key, i]));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const storages: number[] = [];
  const load = async (storage: StorageRef) => {
    const place = starts.get(storage.key);
    if (place === undefined) throw new RangeError(`it has no storage ${storage.key}`);
    return decodeStorage(
      storage,
      bytes.slice(storages[place] + 8, storages[place] + 8 + byteLength(storage)),
    );
  };
  const byteLength = ({ count, dtype }: StorageRef) => count * itemSize[dtype];
  const sizes = storageSizes(value);
  for (const key of keys) {
    storages.push(position);
    const size = sizes.get(key as string);
    if (size === undefined || position + 8 > bytes.length) throw new RangeError('its storages are cut off');
    const count = Number(view.getBigInt64(position, true));
    position += 8 + count * size;
    if (!(count >= 0) || position > bytes.length) throw new RangeError('its storages are cut off');
  }
  return toStateDict(value, load, source.size);
}

/** Element size of every storage that a pickled value refers to, however deep. */
function storageSizes(value: unknown, sizes = new Map<string, number>(), seen = new Set<unknown>()) {
  if (typeof value !== 'object' || value === null || seen.has(value)) return sizes;
  seen.add(value);
  if ('dtype' in value && 'key' in value && 'count' in value) {
    const { key, dtype } = value as StorageRef;
    sizes.set(key, itemSize[dtype]);
  }
  const children =
    value instanceof Map ? value.values() : Array.isArray(value) ? value : Object.values(value);
  for (const child of children) storageSizes(child, sizes, seen);
  return sizes;
}
