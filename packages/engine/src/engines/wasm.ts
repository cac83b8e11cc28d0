import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { refuseFullHeap } from '../kernels/refuseFullHeap';
import { registerTrainingKernels } from '../kernels/registerTrainingKernels';
import { isNode } from '../runtime';
import type { Engine, EngineOptions } from '../types';
import { setBackend } from './setBackend';
import { withNodeThreads } from './wasmThreads';

const cure =
  'In a page, serve the .wasm files of @tensorflow/tfjs-backend-wasm and pass their folder as wasmPaths; ' +
  'in Node, reinstall the package.';

/** WebAssembly with SIMD, completed with the kernels that training needs. */
export const wasm: Engine = {
  name: 'wasm',
  async start({ wasmPaths, threads }: EngineOptions) {
    if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 4))
      throw new RangeError(`useEngine: threads must be a whole number from 1 to 4, got ${String(threads)}`);
    const backend = await import('@tensorflow/tfjs-backend-wasm');
    if (wasmPaths !== undefined && tf.findBackend('wasm') === null) backend.setWasmPaths(wasmPaths);
    if (threads !== undefined) backend.setThreadsCount(threads);
    const startBackend = () => withoutProcessListeners(() => setBackend('wasm', cure));
    if (isNode() && threads !== undefined && threads > 1) await withNodeThreads(threads, startBackend);
    else await startBackend();
    refuseFullHeap(tf.backend() as BackendWasm);
    await registerTrainingKernels(tf.backend() as BackendWasm);
    const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
    const detail = simd ? 'SIMD' : 'no SIMD';
    return { name: 'wasm', version: backend.version_wasm, threads: backend.getThreadsCount(), detail };
  },
};

const processEvents = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Emscripten's module listens for errors that nobody caught and throws them again from inside itself, so that Node
 * prints 60 kB of the module's source above the message. Takes off what `start` put on.
 */
async function withoutProcessListeners(start: () => Promise<void>): Promise<void> {
  if (!isNode()) return start();
  const before = processEvents.map((event) => new Set<unknown>(process.rawListeners(event)));
  await start();
  processEvents.forEach((event, i) => {
    for (const listener of process.rawListeners(event)) {
      if (!before[i]!.has(listener)) process.off(event, listener as () => void);
    }
  });
}
