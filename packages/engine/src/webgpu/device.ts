import * as tf from '@tensorflow/tfjs-core';
import type { EngineOptions } from '../types';

/** Features that kernels of ours use where the adapter has them; `shader-f16` only where halves were asked for. */
const USED = ['subgroups', 'shader-f16'] as const;
export type UsedFeature = (typeof USED)[number];

/** Limits that are asked for as high as the adapter has them: TensorFlow.js's list, and the buffers that AddN binds. */
const LIMITS = [
  'maxBufferSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
] as const;

/** The parts of WebGPU's device that are used here; the build has no DOM types. */
export interface GpuDevice {
  features: ReadonlySet<string>;
  limits: { maxStorageBuffersPerShaderStage: number };
  createShaderModule(descriptor: { code: string; label?: string }): object;
}

interface DeviceAdapter {
  info?: object;
  features: ReadonlySet<string>;
  limits: Partial<Record<(typeof LIMITS)[number], number>>;
  requestDevice(descriptor: object): Promise<GpuDevice>;
}

type NewBackend = new (device: GpuDevice, info?: object) => tf.KernelBackend;

/**
 * Has the backend start on a device of ours: TensorFlow.js's own asks for the two features that itself uses, and a device
 * has none that was not asked for. Where the backend runs already, its device stays.
 */
export function registerDevice(
  adapter: DeviceAdapter,
  Backend: NewBackend,
  precision: EngineOptions['precision'],
): void {
  const { registry, registryFactory } = tf.engine();
  if ('webgpu' in registry) return;
  if ('webgpu' in registryFactory) tf.removeBackend('webgpu');
  const used = USED.filter((name) => name !== 'shader-f16' || precision === 'float16');
  const wanted = ['timestamp-query', 'bgra8unorm-storage', ...used];
  const requiredFeatures = wanted.filter((name) => adapter.features.has(name));
  const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]));
  const start = async () =>
    new Backend(await adapter.requestDevice({ requiredFeatures, requiredLimits }), adapter.info);
  tf.registerBackend('webgpu', start, 3); // its priority in TensorFlow.js
}

/** Those of `USED` that the current backend's device has. */
export function featuresInUse(): UsedFeature[] {
  const { device } = tf.backend() as tf.KernelBackend & { device: GpuDevice };
  return USED.filter((name) => device.features.has(name));
}
