import * as tf from '@tensorflow/tfjs-core';

/** Wall time and calls of every kernel that `f` runs on a backend that computes synchronously. */
export function profileKernels(f: () => void): { name: string; ms: number; calls: number }[] {
  const totals = new Map<string, { ms: number; calls: number }>();
  const wrapped = tf.getKernelsForBackend(tf.getBackend());
  const originals = wrapped.map((kernel) => kernel.kernelFunc);
  let inside = false;
  for (const kernel of wrapped) {
    const original = kernel.kernelFunc;
    (kernel as { kernelFunc: tf.KernelFunc }).kernelFunc = (args) => {
      if (inside) return original(args);
      inside = true;
      const start = performance.now();
      try {
        return original(args);
      } finally {
        inside = false;
        const total = totals.get(kernel.kernelName) ?? { ms: 0, calls: 0 };
        totals.set(kernel.kernelName, { ms: total.ms + performance.now() - start, calls: total.calls + 1 });
      }
    };
  }
  try {
    f();
  } finally {
    wrapped.forEach((kernel, i) => ((kernel as { kernelFunc: tf.KernelFunc }).kernelFunc = originals[i]!));
  }
  return [...totals].map(([name, total]) => ({ name, ...total })).sort((a, b) => b.ms - a.ms);
}
