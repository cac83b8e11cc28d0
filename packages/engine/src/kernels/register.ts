import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

export async function registerTrainingKernels(_backend: BackendWasm): Promise<void> {}
