import type * as H5wasm from 'h5wasm';
import type { ByteSource } from './byteSource';
import { tooLarge } from './byteSource';
import { decode } from './decode';
import type { DType, StateDict, StateTensor } from './stateDict';
import { itemSize, sizeOf } from './stateDict';

/** Types by the library's letters, whatever the byte order: what it reads is in the machine's. */
const dtypeOf: Record<string, DType> = {
  d: 'float64',
  f: 'float32',
  e: 'float16',
  q: 'int64',
  i: 'int32',
  h: 'int16',
  b: 'int8',
  Q: 'uint64',
  I: 'uint32',
  H: 'uint16',
  B: 'uint8',
};

type Library = typeof H5wasm;

/** Files are told apart inside the library's own file system, which is in memory. */
let opened = 0;

/**
 * Keras `.h5`: every dataset by its path, without the `:0` that TensorFlow puts after a variable's name. Of a saved
 * model only the group `model_weights` is read; what belongs to an optimizer or a random generator is left out.
 */
export async function readHdf5(source: ByteSource, maxBytes: number): Promise<StateDict> {
  const h5wasm = await import('h5wasm'); // 3 MB that readers of other formats need not load
  const { FS, activate_throwing_error_handler: throwErrors } = await h5wasm.ready;
  throwErrors(); // in place of printing them
  const path = `state-dict-${opened++}.h5`;
  FS.writeFile(path, await source.read(0, source.size));
  try {
    const file = new h5wasm.File(path, 'r');
    try {
      return readDatasets(h5wasm, file, maxBytes);
    } finally {
      file.close();
    }
  } finally {
    FS.unlink(path);
  }
}

/** Keras 3 keeps an optimizer's variables beside the layers', and layers that draw have the generator's state. */
const isTraining = (path: string) => /^optimizer(_weights)?\/|(^|\/)seed_generator\//.test(path);

function readDatasets(h5wasm: Library, file: H5wasm.File, maxBytes: number): StateDict {
  const root = file.keys().includes('model_weights') ? 'model_weights' : '';
  const group = root ? file.get(root) : file;
  if (!(group instanceof h5wasm.Group)) throw new RangeError('its model_weights is no group');
  const stateDict: StateDict = new Map();
  let total = 0;
  for (const path of group.paths()) {
    const node = group.get(path);
    if (!(node instanceof h5wasm.Dataset) || isTraining(path)) continue;
    const { shape } = node;
    const dtype = dtypeIn(path, node);
    if (!dtype || !shape) continue;
    total += sizeOf(shape) * itemSize[dtype];
    // Compressed chunks can unfold to any size: the shapes say how much, before anything is read.
    if (total > maxBytes) throw tooLarge('the data of its datasets', total, maxBytes);
    stateDict.set(path.replace(/:\d+$/, ''), read(path, node, dtype));
  }
  if (stateDict.size === 0) throw new RangeError('it has no numeric dataset; is it a Keras file?');
  return stateDict;
}

/** HDF5's numbers for the classes of types (H5Tpublic.h). */
const integerClass = 0;
const floatClass = 1;
const enumClass = 8;

/** Undefined for text, references and the like, which are no weights. */
function dtypeIn(path: string, { dtype, metadata }: H5wasm.Dataset): DType | undefined {
  const { type, size, enum_type: names } = metadata;
  // As h5py writes booleans.
  if (type === enumClass && size === 1 && names && 'TRUE' in names.members) return 'bool';
  if (type !== integerClass && type !== floatClass) return undefined;
  const found = typeof dtype === 'string' ? dtypeOf[dtype.slice(1)] : undefined;
  if (found && itemSize[found] === size) return found;
  throw new RangeError(`${path} has numbers of ${8 * size} bits, which are not read; save it as float32`);
}

/** A dataset's elements, taken as bytes: of a scalar or of float16 the library has no array. */
function read(path: string, node: H5wasm.Dataset, dtype: DType): StateTensor {
  const shape = node.shape ?? [];
  const size = sizeOf(shape) * itemSize[dtype];
  if (size === 0) return { dtype, shape, data: decode(dtype, new Uint8Array(0)) };
  const metadata = {
    ...node.metadata,
    type: integerClass,
    signed: false,
    size: 1,
    total_size: size,
    shape: [size],
  };
  const bytes = Object.create(node, { metadata: { value: metadata } }) as H5wasm.Dataset;
  const { value } = bytes;
  if (!(value instanceof Uint8Array) || value.length !== size) {
    throw new RangeError(`${path} of shape [${shape}] holds other data than its shape says`);
  }
  return { dtype, shape, data: decode(dtype, value) };
}
