import { registerKernel, tidy, type NamedAttrMap, type Tensor } from '@tensorflow/tfjs-core';

const backendNames = ['cpu', 'wasm', 'tensorflow', 'webgl', 'webgpu'] as const;

/**
 * Registers a kernel made of TensorFlow.js's own operations, which every backend has. Being one kernel, it is one step of
 * the gradient's tape with one gradient of its own.
 */
export function registerComposite<Inputs extends Record<string, Tensor>, Attrs>(
  kernelName: string,
  compute: (inputs: Inputs, attrs: Attrs) => Tensor,
  { except }: { except?: (typeof backendNames)[number] } = {},
): void {
  for (const backendName of backendNames) {
    if (backendName === except) continue;
    registerKernel({
      kernelName,
      backendName,
      // The engine hands kernels tensors; the registry's type says only what every kernel needs of them.
      kernelFunc: ({ inputs, attrs }) =>
        tidy(() => compute(inputs as Inputs, attrs as NamedAttrMap as Attrs)),
    });
  }
}
