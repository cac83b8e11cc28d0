import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { getKernel, registerKernel, unregisterKernel, type KernelConfig } from '@tensorflow/tfjs-core';
import { conv2dBackpropFilter } from './conv2dBackpropFilter';
import { depthwiseBackpropFilter, depthwiseBackpropInput } from './depthwiseBackprop';
import { unsortedSegmentSum } from './unsortedSegmentSum';
import { loadWasmKernels } from './wasmHeap';

const kernels: KernelConfig[] = [
  conv2dBackpropFilter,
  depthwiseBackpropFilter,
  depthwiseBackpropInput,
  unsortedSegmentSum,
];

/** Completes the wasm backend: the kernels of training that it lacks, and ours where the stock ones are slow. */
export async function registerTrainingKernels(backend: BackendWasm): Promise<void> {
  await loadWasmKernels(backend);
  for (const kernel of kernels) {
    const present = getKernel(kernel.kernelName, 'wasm') as KernelConfig | undefined;
    if (present?.kernelFunc === kernel.kernelFunc) continue;
    if (present !== undefined) unregisterKernel(kernel.kernelName, 'wasm');
    registerKernel(kernel);
  }
}
