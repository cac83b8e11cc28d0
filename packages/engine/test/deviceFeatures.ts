import * as tf from '@tensorflow/tfjs-core';

const device = () =>
  (tf.backend() as tf.KernelBackend & { device: { features: ReadonlySet<string> } }).device;

/** Whether the current backend's device was made with a feature. */
export const deviceHas = (feature: string): boolean => device().features.has(feature);

/** Runs kernels as on a device that has no optional feature. */
export function withoutFeatures<Result>(f: () => Result): Result {
  const none = { value: new Set<string>(), configurable: true };
  const own = Object.getOwnPropertyDescriptor(device(), 'features');
  Object.defineProperty(device(), 'features', none);
  try {
    return f();
  } finally {
    if (own === undefined) delete (device() as { features?: unknown }).features;
    else Object.defineProperty(device(), 'features', own);
  }
}
