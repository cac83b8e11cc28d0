import type { ByteSource } from './byteSource';
import { bytesSource } from './byteSource';
import { readPthZip } from './pth/readPth';
import { readHdf5 } from './readHdf5';
import type { StateDict } from './stateDict';
import { withZip } from './zipFiles';

/** Keras 3's `.keras` is a zip around its weights. */
const kerasWeights = 'model.weights.h5';

/** PyTorch's files since 1.6, and Keras 3's `.keras`, told apart by their entries. */
export async function readZip(source: ByteSource, maxBytes: number): Promise<StateDict> {
  return withZip(source, async (files) => {
    const has = (ending: string) => files.paths.some((path) => path.endsWith(ending));
    if (has('data.pkl')) return readPthZip(files, source.size);
    if (files.paths.includes(kerasWeights))
      return readHdf5(bytesSource(await files.read(kerasWeights)), maxBytes);
    if (has('.npy')) {
      throw new RangeError('it is NumPy’s .npz: write it by safetensors.numpy.save_file, and read that');
    }
    throw new RangeError(`it is a zip, but neither PyTorch’s (no data.pkl) nor Keras’s (no ${kerasWeights})`);
  });
}
