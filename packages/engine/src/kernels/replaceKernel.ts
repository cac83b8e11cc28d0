import {
  getKernel,
  registerKernel,
  unregisterKernel,
  type KernelConfig,
  type KernelFunc,
} from '@tensorflow/tfjs-core';

/** Registers kernels on a backend, in place of its own where it has them. */
export function registerKernels(backendName: string, kernels: Record<string, unknown>): void {
  for (const [name, kernelFunc] of Object.entries(kernels)) {
    replaceKernel(backendName, name, kernelFunc as KernelFunc);
  }
}

/** Replaces kernels by ones that are made around them. */
export function wrapKernels(
  backendName: string,
  wrappers: Record<string, (stock: KernelFunc) => unknown>,
): void {
  for (const [name, wrap] of Object.entries(wrappers)) {
    const stock = getKernel(name, backendName).kernelFunc;
    replaceKernel(backendName, name, wrap(stock) as KernelFunc);
  }
}

function replaceKernel(backendName: string, kernelName: string, kernelFunc: KernelFunc): void {
  const stock = getKernel(kernelName, backendName) as KernelConfig | undefined;
  if (stock !== undefined) unregisterKernel(kernelName, backendName);
  // The stock setup binds the function that a wrapper falls back to.
  registerKernel({ kernelName, backendName, setupFunc: stock?.setupFunc, kernelFunc });
}
