import { getKernel, registerKernel, tidy, type NamedAttrMap, type Tensor } from '@tensorflow/tfjs-core';

/** The names of TensorFlow.js's backends. */
const backendNames = ['cpu', 'wasm', 'tensorflow', 'webgl', 'webgpu'];

/**
 * Registers a kernel made of TensorFlow.js's own operations, which every backend has. Being one kernel, it is one step of
 * the gradient's tape with one gradient of its own. A backend that has the kernel already keeps it.
 */
export function registerComposite<Inputs extends Record<string, Tensor>, Attrs>(
  kernelName: string,
  compute: (inputs: Inputs, attrs: Attrs) => Tensor,
): void {
  for (const backendName of backendNames) {
    if (getKernel(kernelName, backendName)) continue;
    registerKernel({
      kernelName,
      backendName,
      // The engine hands kernels tensors; the registry's type says only what every kernel needs of them.
      kernelFunc: ({ inputs, attrs }) =>
        tidy(() => compute(inputs as Inputs, attrs as NamedAttrMap as Attrs)),
    });
  }
}
