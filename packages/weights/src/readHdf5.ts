import type * as H5wasm from 'h5wasm';
import type { ByteSource } from './byteSource';
import { tooLarge } from './byteSource';
import type { DType, StateDict, StateTensor, TensorData } from './stateDict';
import { itemSize, sizeOf } from './stateDict';

const dtypeOf: Record<string, DType> = {
  '<f8': 'float64',
  '<d': 'float64',
  '<f4': 'float32',
  '<f': 'float32',
  '<e': 'float16',
  '<q': 'int64',
  '<i': 'int32',
  '<h': 'int16',
  '<b': 'int8',
  '<B': 'uint8',
};

type Library = typeof H5wasm;

/** Files are told apart inside the library's own file system, which is in memory. */
let opened = 0;

/**
 * Keras `.h5`: every dataset by its path, without the `:0` that TensorFlow puts after a variable's name. Of a saved
 * model only the group `model_weights` is read.
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

function readDatasets(h5wasm: Library, file: H5wasm.File, maxBytes: number): StateDict {
  const root = file.keys().includes('model_weights') ? 'model_weights' : '';
  const group = root ? file.get(root) : file;
  if (!(group instanceof h5wasm.Group)) throw new RangeError('its model_weights is no group');
  const stateDict: StateDict = new Map();
  let total = 0;
  for (const path of group.paths()) {
    const node = group.get(path);
    if (!(node instanceof h5wasm.Dataset)) continue;
    const dtype = typeof node.dtype === 'string' ? dtypeOf[node.dtype] : undefined;
    const shape = node.shape;
    if (!dtype || !shape) continue; // text and compound datasets are not weights
    total += sizeOf(shape) * itemSize[dtype];
    // Compressed chunks can unfold to any size: the shapes say how much, before anything is read.
    if (total > maxBytes) throw tooLarge('the data of its datasets', total, maxBytes);
    stateDict.set(path.replace(/:\d+$/, ''), tensorOf(dtype, shape, node.value));
  }
  if (stateDict.size === 0) throw new RangeError('it has no numeric dataset; is it a Keras file?');
  return stateDict;
}

function tensorOf(dtype: DType, shape: number[], value: unknown): StateTensor {
  const data = ArrayBuffer.isView(value) ? (value as TensorData) : undefined;
  if (data && data.length === sizeOf(shape)) return { dtype, shape, data };
  if (shape.length === 0 && typeof value === 'number') return { dtype, shape, data: Float32Array.of(value) };
  throw new RangeError(`a dataset of shape [${shape}] holds other data than its shape says`);
}
