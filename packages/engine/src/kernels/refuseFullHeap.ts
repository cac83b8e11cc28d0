import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { EngineError } from '../engineError';

/** What 32-bit addresses reach; Emscripten's own limit is one page of 64 kB less. */
const most = 2 ** 32 - 2 ** 16;

/** Of Emscripten's module what is used here: its own types are not found from every package. */
interface EmscriptenHeap {
  _malloc(bytes: number): number;
  _free(address: number): void;
  HEAPU8: Uint8Array;
}

const done = new WeakSet<object>();

/**
 * Makes a tensor that does not fit into the backend's memory an error. The backend takes what `malloc` gives without a
 * look: a 0 is where its own state lies, which the tensor's values would be written over (then "memory access out of
 * bounds", or wrong numbers), and sizes from 4 GB on come to it modulo 4 GB.
 */
export function refuseFullHeap(backend: BackendWasm): void {
  const wasm = backend.wasm as unknown as EmscriptenHeap;
  if (done.has(wasm)) return;
  done.add(wasm);
  // Emscripten's first call puts another function in its own place.
  wasm['_free'](wasm['_malloc'](1));
  const malloc = wasm['_malloc'];
  wasm['_malloc'] = (bytes) => {
    const address = bytes > most ? 0 : malloc(bytes);
    if (address === 0) throw fullHeap(bytes, wasm.HEAPU8.length);
    return address;
  };
}

function fullHeap(bytes: number, heap: number): EngineError {
  return new EngineError('wasm', {
    reason: `out of memory: a tensor of ${megabytes(bytes)} MB does not fit any more; WebAssembly has 4,096 MB at most, ${megabytes(heap)} MB are taken`,
    cure: "Take smaller pictures, batches or layers, or the engine 'tensorflow', which has all of the machine's memory.",
  });
}

function megabytes(bytes: number): string {
  return Math.ceil(bytes / 2 ** 20).toLocaleString('en');
}
