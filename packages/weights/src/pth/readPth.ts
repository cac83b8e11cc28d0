import type { ByteSource } from '../byteSource';
import { decode } from '../decode';
import type { ZipFiles } from '../zipFiles';
import type { StateDict, TensorData } from '../stateDict';
import { itemSize } from '../stateDict';
import type { StorageRef } from './tensorRef';
import { torchHandlers } from './torchObjects';
import { toStateDict } from './toStateDict';
import { unpickle } from './unpickle';

function decodeStorage({ dtype, type, key, count }: StorageRef, bytes: Uint8Array): TensorData {
  if (!dtype || count * itemSize[dtype] !== bytes.length) {
    throw new RangeError(
      `its storage ${key} has ${bytes.length} bytes, not ${count} elements of ${dtype ?? type}`,
    );
  }
  return decode(dtype, bytes);
}

/** The zip that torch.save has written since PyTorch 1.6: `data.pkl` and one entry a storage. */
export async function readPthZip(files: ZipFiles, size: number): Promise<StateDict> {
  const pickle = files.paths.find((path) => path.endsWith('data.pkl')) ?? 'data.pkl';
  const root = pickle.slice(0, -'data.pkl'.length);
  const order = `${root}byteorder`;
  if (files.paths.includes(order) && new TextDecoder().decode(await files.read(order)) !== 'little') {
    throw new RangeError(
      'it was written on a big-endian machine: load it in PyTorch there and save as safetensors',
    );
  }
  const { value } = unpickle(await files.read(pickle), 0, torchHandlers().handlers);
  let total = 0;
  const load = async (storage: StorageRef) => {
    const bytes = await files.read(`${root}data/${storage.key}`);
    total += bytes.length;
    if (total > size) throw new RangeError('its entries overlap');
    return decodeStorage(storage, bytes);
  };
  return toStateDict(value, load, size);
}

/** Files from before 1.6, as torchvision's VGG: pickles one after another, then the storages, each with its length. */
export async function readPthLegacy(source: ByteSource): Promise<StateDict> {
  const bytes = await source.read(0, source.size);
  const { handlers, storages } = torchHandlers();
  let position = 0;
  const next = () => {
    const { value, end } = unpickle(bytes, position, handlers);
    position = end;
    return value;
  };
  next(); // the magic number
  next(); // protocol version
  next(); // the writer's integer sizes and byte order
  const value = next();
  const keys = next();
  if (!Array.isArray(keys)) throw new RangeError('it lists no storages');
  const starts = storageStarts(bytes, position, keys as string[], storages);
  const load = async (storage: StorageRef) => {
    const start = starts.get(storage.key);
    if (start === undefined) throw new RangeError(`it has no storage ${storage.key}`);
    return decodeStorage(storage, bytes.slice(start, start + storage.count * (storage.itemSize ?? 0)));
  };
  return toStateDict(value, load, source.size);
}

/** Byte at which each storage's elements begin. */
function storageStarts(
  bytes: Uint8Array,
  from: number,
  keys: string[],
  storages: Map<string, StorageRef>,
): Map<string, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts = new Map<string, number>();
  let position = from;
  for (const key of keys) {
    const storage = storages.get(key);
    if (storage && storage.itemSize === undefined) {
      throw new RangeError(`it has a storage of type ${storage.type}, which is not read`);
    }
    if (!storage?.itemSize || position + 8 > bytes.length) throw new RangeError('its storages are cut off');
    const count = Number(view.getBigInt64(position, true));
    starts.set(key, position + 8);
    position += 8 + count * storage.itemSize;
    if (!(count >= 0) || position > bytes.length) throw new RangeError('its storages are cut off');
  }
  return starts;
}
