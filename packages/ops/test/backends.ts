import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { createRequire } from 'node:module';

/** The Node backends that can be tested here: cpu, wasm, and tensorflow where its native addon is built. */
export async function nodeBackends(): Promise<string[]> {
  const require = createRequire(import.meta.url);
  for (const name of ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']) {
    try {
      require(name);
      return ['cpu', 'wasm', 'tensorflow'];
    } catch {
      // not installed, or installed without its addon
    }
  }
  console.warn(
    'ops: the tensorflow backend is not tested: neither @tensorflow/tfjs-node-gpu nor -node loads',
  );
  return ['cpu', 'wasm'];
}
