import { useEngine } from '@roikit/engine';

/** The Node engines that can be tested here: cpu, wasm, and tensorflow where its native addon is built. */
export async function nodeBackends(): Promise<('cpu' | 'wasm' | 'tensorflow')[]> {
  try {
    await useEngine('tensorflow');
    return ['cpu', 'wasm', 'tensorflow'];
  } catch (error) {
    console.warn(`heads: the tensorflow engine is not tested: ${(error as Error).message}`);
    return ['cpu', 'wasm'];
  }
}
